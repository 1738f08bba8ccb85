# Outlives a zone, and has the egress wall: agents have no default route. `manage.py cost_report --scenario production`
# prices each part.

locals {
  environment = "production"
}

module "platform" {
  source      = "../../modules/platform"
  environment = local.environment

  domain_name        = var.domain_name
  hosted_zone_id     = var.hosted_zone_id
  certificate_arn    = var.certificate_arn
  google_client_id   = var.google_client_id
  card_payments      = var.card_payments
  mail_from          = var.mail_from
  model_ids          = var.model_ids
  alarm_email        = var.alarm_email
  monthly_budget_usd = var.monthly_budget_usd
  protect_data       = var.protect_data
  settings           = var.settings
  emulation          = var.emulation

  network = {
    availability_zones   = ["${var.region}a", "${var.region}b"]
    nat_gateway_count    = 2
    agents_default_route = false
    # The first five are what an agent can't start without; Bedrock goes by its own rather than through the proxy.
    interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sts", "bedrock-runtime"]
  }

  database = {
    instance_class            = "db.t4g.medium"
    multi_az                  = true
    backup_retention_days     = 14
    max_allocated_storage_gib = 500
    connections               = 320
  }

  cache = {
    node_type = "cache.t4g.small"
    replicas  = 1
  }

  backoffice = {
    capacity_provider = "FARGATE"
    collector_image   = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3"
    waf               = true
    processes = {
      web         = { cpu = 512, memory_mib = 1024, count = 2, most = 6 }
      worker      = { cpu = 512, memory_mib = 1024, count = 2, most = 8 }
      provisioner = { cpu = 256, memory_mib = 1024, count = 1 }
      beat        = { cpu = 256, memory_mib = 512, count = 1 }
    }
  }

  agents = {
    max_running = 200
    revisions   = var.agent_revisions
  }

  egress = {
    # Gmail, and the exchange of its tokens.
    allowed_hosts = ["gmail.googleapis.com", "oauth2.googleapis.com"]
    count         = 2
  }
}
