# The containers: read-only, without any capability, writing in /tmp alone.

locals {
  log_options = {
    awslogs-group  = aws_cloudwatch_log_group.this.name
    awslogs-region = data.aws_region.current.name
  }

  base_container = {
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true
    user                   = "10001"
    linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = true }
    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    stopTimeout            = 120
  }

  containers = {
    for process, environment in local.environment : process => concat(
      [merge(
        local.base_container,
        {
          name        = process
          command     = contains(keys(local.commands), process) ? ["sh", "-c", "python manage.py doctor --start && exec ${local.commands[process]}"] : ["python", "manage.py", process == "bootstrap" ? "bootstrap_database" : "doctor"]
          environment = [for name in sort(keys(environment)) : { name = name, value = environment[name] }]
          secrets = concat(
            [
              for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }
              if contains(lookup(var.secret_processes, name, [process]), process)
            ],
            process == "bootstrap" ? [{ name = "PGPASSWORD", valueFrom = "${var.database.master_secret_arn}:password::" }] : [],
          )
          logConfiguration = { logDriver = "awslogs", options = merge(local.log_options, { awslogs-stream-prefix = process }) }
        },
        process == "web" ? { portMappings = [{ containerPort = local.web_port, protocol = "tcp" }] } : {},
        contains(keys(local.health_checks), process) ? { healthCheck = local.health_checks[process] } : {},
      )],
      local.is_traced[process] ? [local.collector] : [],
    )
  }

  # Takes traces on loopback and hands them to X-Ray. A process goes on without it.
  collector = {
    name                   = "collector"
    image                  = var.collector_image
    essential              = false
    readonlyRootFilesystem = true
    command                = ["--config=/etc/ecs/ecs-xray.yaml"]
    memory                 = 128
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    logConfiguration       = { logDriver = "awslogs", options = merge(local.log_options, { awslogs-stream-prefix = "collector" }) }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:kept as long as it helps and no longer, by variable
  # checkov:skip=CKV_AWS_158:CloudWatch encrypts it; no line holds a secret or mail
  name              = "${var.log_group_prefix}/backoffice"
  retention_in_days = var.log_retention_days
}

data "aws_region" "current" {}
