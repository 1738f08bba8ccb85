# Three task definitions, for all customers: who a task works for comes with RunTask (role, environment, tags).

locals {
  roles       = toset(["butler", "scout", "writer"])
  health_port = 8080

  # Fargate can drop capabilities and add none. Left are SETUID, SETGID and KILL: the supervisor is root to run the engine
  # as another user and to end it, and has no other right of root. The names are Docker's defaults.
  dropped = ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETPCAP", "SYS_CHROOT"]

  environment = merge({ HEALTH_PORT = tostring(local.health_port) }, var.environment)

  containers = {
    for role in local.roles : role => {
      name                   = "openclaw-${role}"
      image                  = var.image
      essential              = true
      command                = ["python", "-m", "agents.runtime"]
      memory                 = var.memory_mib
      stopTimeout            = 30
      readonlyRootFilesystem = true
      linuxParameters        = { capabilities = { drop = local.dropped } }
      mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
      environment            = [for name in sort(keys(local.environment)) : { name = name, value = local.environment[name] }]
      secrets                = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
      # ECS reads no HEALTHCHECK from an image.
      healthCheck = {
        command     = ["CMD", "python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:${local.health_port}/health', timeout=4)"]
        interval    = 30
        timeout     = 5
        retries     = 3
        startPeriod = 30
      }
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.agents.name
          awslogs-region        = data.aws_region.current.name
          awslogs-stream-prefix = role
        }
      }
    }
  }
}

resource "aws_ecs_task_definition" "this" {
  for_each                 = local.roles
  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory_mib
  execution_role_arn       = module.execution.arn
  # No task role: RunTask gives the customer's. Without one a task could do nothing.
  container_definitions = jsonencode([local.containers[each.key]])
  # A revision that a canary or a roll-back names must stay.
  skip_destroy = var.keep_revisions

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  volume {
    name = "tmp"
  }
}

resource "aws_cloudwatch_log_group" "agents" {
  # checkov:skip=CKV_AWS_338:kept as long as it helps and no longer, by variable
  # checkov:skip=CKV_AWS_158:CloudWatch encrypts it; no line holds a secret or mail
  name              = "${var.log_group_prefix}/agents"
  retention_in_days = var.log_retention_days
}

data "aws_region" "current" {}
