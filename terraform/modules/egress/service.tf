# Squid, as a small service of its own: the agents' only way to hosts outside AWS. docs/adr/0012 says why.

locals {
  container = {
    name                   = "egress"
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = true }
    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    portMappings           = [{ containerPort = var.port, protocol = "tcp" }]
    stopTimeout            = 30
    environment = [
      { name = "EGRESS_ALLOWED_HOSTS", value = join(",", sort(var.allowed_hosts)) },
      { name = "EGRESS_PORT", value = tostring(var.port) },
    ]
    secrets = [{ name = "EGRESS_TOKEN", valueFrom = var.token_secret_arn }]
    healthCheck = {
      command     = ["CMD", "/opt/egress/healthy"]
      interval    = 15
      timeout     = 5
      retries     = 3
      startPeriod = 15
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "egress"
      }
    }
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.name}-egress"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = module.execution.arn
  container_definitions    = jsonencode([local.container])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  volume {
    name = "tmp"
  }
}

resource "aws_ecs_service" "this" {
  name            = "${var.name}-egress"
  cluster         = var.cluster_arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.has_image ? var.desired_count : 0
  launch_type     = "FARGATE"

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }

  service_registries {
    registry_arn = aws_service_discovery_service.this.arn
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"

  lifecycle {
    ignore_changes = [task_definition, desired_count]
  }
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:kept as long as it helps and no longer, by variable
  # checkov:skip=CKV_AWS_158:CloudWatch encrypts it; no line holds a secret or mail
  name              = "${var.log_group_prefix}/egress"
  retention_in_days = var.log_retention_days
}

data "aws_region" "current" {}
