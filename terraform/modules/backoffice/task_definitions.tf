# A definition a process, and two for one-off tasks: `operator` runs any command of manage.py, `bootstrap` makes the
# database's roles with RDS's master user.

locals {
  one_off = { cpu = 512, memory_mib = 1024 }
  sizes   = merge(var.processes, { operator = merge(local.one_off, { count = 0 }), bootstrap = merge(local.one_off, { count = 0 }) })
}

resource "aws_ecs_task_definition" "this" {
  for_each                 = local.containers
  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = local.sizes[each.key].cpu
  memory                   = local.sizes[each.key].memory_mib
  execution_role_arn       = each.key == "bootstrap" ? module.bootstrap_execution.arn : module.execution.arn
  task_role_arn            = each.key == "bootstrap" ? null : aws_iam_role.task[each.key].arn
  container_definitions    = jsonencode(each.value)
  # The roll-back of a release names the revision before.
  skip_destroy = var.deletion_protection

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  volume {
    name = "tmp"
  }
}
