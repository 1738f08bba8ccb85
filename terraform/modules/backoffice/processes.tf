# What each process runs, is told and may use. Services and one-off tasks are made from this.

locals {
  celery = "celery -A openclaw_site"

  # A process looks at its own configuration first and says in its log what is wrong, instead of failing at the first use.
  commands = {
    web         = "gunicorn openclaw_site.wsgi --workers 2 --threads 8 --worker-tmp-dir /dev/shm --no-control-socket"
    worker      = "${local.celery} worker -Q default -n worker@%h --pool threads --concurrency 8"
    provisioner = "${local.celery} worker -Q provisioning -n provisioner@%h --pool threads --concurrency 4"
    beat        = "${local.celery} beat --pidfile ''"
  }

  ping = "celery -A openclaw_site inspect ping -d %s@$(hostname) --timeout 20"
  health_checks = {
    web = {
      command     = ["CMD", "python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:${local.web_port}/healthz', timeout=4)"]
      interval    = 15
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }
    # Each look starts a Python, so there are few: a worker that hangs shows in the age of its queue before.
    worker      = { command = ["CMD-SHELL", format(local.ping, "worker")], interval = 300, timeout = 60, retries = 2, startPeriod = 120 }
    provisioner = { command = ["CMD-SHELL", format(local.ping, "provisioner")], interval = 300, timeout = 60, retries = 2, startPeriod = 120 }
  }

  owners = toset(["provisioner", "operator"])

  environment = {
    for process in ["web", "worker", "provisioner", "beat", "operator", "bootstrap"] : process => merge(
      var.environment,
      contains(local.owners, process) ? var.owner_environment : {},
      { PROCESS = process, OTEL_SERVICE_NAME = "${var.name}-${process}" },
      process == "web" ? { PORT = tostring(local.web_port) } : {},
      local.is_traced[process] ? local.tracing : {},
      process == "bootstrap" ? local.bootstrap_environment : {},
    )
  }

  tracing = {
    OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
    OTEL_TRACES_SAMPLER_ARG     = tostring(var.trace_rate)
  }

  is_traced = {
    for process in ["web", "worker", "provisioner", "beat", "operator", "bootstrap"] : process =>
    var.collector_image != null && contains(["web", "worker", "provisioner"], process)
  }

  # RDS's master user. The password comes from RDS's own secret, by PGPASSWORD, which libpq reads. Its logins are by IAM.
  bootstrap_environment = {
    DATABASE_ADMIN_URL = "postgres://${var.database.master_username}@${var.database.address}:${var.database.port}/${var.database.name}${var.database.url_parameters}"
  }
}
