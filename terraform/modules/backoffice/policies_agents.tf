# Starting, stopping and looking at the agents' tasks.

locals {
  agent_definitions = [for role in ["butler", "scout", "writer"] : "arn:${local.partition}:ecs:${local.region}:${local.account_id}:task-definition/${var.agents.task_definition_prefix}-${role}:*"]
  tasks             = "arn:${local.partition}:ecs:${local.region}:${local.account_id}:task/${var.cluster.name}/*"
  tenant_roles      = "arn:${local.partition}:iam::${local.account_id}:role${var.agents.tenant_role_path}*"
}

data "aws_iam_policy_document" "run_agents" {
  statement {
    sid       = "StartAgents"
    actions   = ["ecs:RunTask"]
    resources = local.agent_definitions
    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.cluster.arn]
    }
  }
  # RunTask with tags asks for this right too.
  statement {
    sid       = "TagWhatIsStarted"
    actions   = ["ecs:TagResource"]
    resources = [local.tasks]
    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RunTask"]
    }
  }
  # Agents carry their customer's tag; the back office's own tasks carry none and can't be stopped.
  statement {
    sid       = "StopAgents"
    actions   = ["ecs:StopTask"]
    resources = [local.tasks]
    condition {
      test     = "Null"
      variable = "aws:ResourceTag/TenantID"
      values   = ["false"]
    }
  }
  statement {
    sid       = "LookAtTasks"
    actions   = ["ecs:DescribeTasks"]
    resources = [local.tasks]
  }
  # AWS checks a listing against container instances, of which Fargate has none: the cluster bounds it.
  statement {
    sid       = "ListTasks"
    actions   = ["ecs:ListTasks"]
    resources = ["*"]
    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.cluster.arn]
    }
  }
  # AWS knows no narrower resource for reading a definition.
  statement {
    sid       = "ReadDefinitions"
    actions   = ["ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }
  statement {
    sid       = "GiveAgentsTheirRoles"
    actions   = ["iam:PassRole"]
    resources = [local.tenant_roles, var.agents.execution_role_arn]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}
