# A task role for each process, with what that process calls and nothing more: openclaw_site/doctor/permissions.py is the
# list, and a test evaluates these policies against it.

locals {
  with_role = ["web", "worker", "provisioner", "beat", "operator"]

  documents_of = {
    for process in local.with_role : process => [for part in local.policies[process] : local.documents[part] if local.documents[part] != null]
  }

  policies = {
    web         = concat(local.logs_in, local.runs_agents, ["read_agent_logs", "read_exports"], local.sends_mail, local.traces)
    worker      = concat(local.logs_in, local.runs_agents, ["task_events", "gmail_secrets", "metrics", "write_exports"], local.sends_mail, local.traces)
    provisioner = concat(local.logs_in, local.runs_agents, local.provisions, local.sends_mail, local.traces)
    beat        = ["cache"]
    operator    = concat(local.logs_in, local.runs_agents, local.provisions, ["task_events", "read_agent_logs", "metrics", "diagnose"], local.sends_mail)
  }

  logs_in     = ["database", "cache"]
  runs_agents = ["run_agents"]
  provisions  = ["own_database", "gmail_secrets", "close_gmail_secrets", "tenant_storage", "tenant_roles"]
  sends_mail  = length(var.mail_identity_arns) > 0 ? ["mail"] : []
  traces      = var.collector_image != null ? ["traces"] : []
}

resource "aws_iam_role" "task" {
  for_each             = toset(local.with_role)
  name                 = "${var.name}-${each.key}"
  path                 = var.role_path
  permissions_boundary = var.role_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.tasks_trust.json
}

resource "aws_iam_role_policy" "task" {
  for_each = local.with_policy
  name     = "what-${each.key}-calls"
  role     = aws_iam_role.task[each.key].id
  policy   = data.aws_iam_policy_document.task[each.key].json
}

data "aws_iam_policy_document" "task" {
  for_each                = local.with_policy
  source_policy_documents = local.documents_of[each.key]
}

data "aws_iam_policy_document" "tasks_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # Where the cache is elsewhere, beat calls nothing.
  with_policy = toset([for process in local.with_role : process if process != "beat" || length(var.cache_arns) > 0])
  account_id  = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  region      = data.aws_region.current.name

  documents = {
    database            = data.aws_iam_policy_document.database.json
    own_database        = data.aws_iam_policy_document.own_database.json
    cache               = length(var.cache_arns) > 0 ? data.aws_iam_policy_document.cache.json : null
    run_agents          = data.aws_iam_policy_document.run_agents.json
    read_agent_logs     = data.aws_iam_policy_document.read_agent_logs.json
    task_events         = data.aws_iam_policy_document.task_events.json
    gmail_secrets       = data.aws_iam_policy_document.gmail_secrets.json
    close_gmail_secrets = data.aws_iam_policy_document.close_gmail_secrets.json
    tenant_storage      = data.aws_iam_policy_document.tenant_storage.json
    write_exports       = data.aws_iam_policy_document.write_exports.json
    read_exports        = data.aws_iam_policy_document.read_exports.json
    tenant_roles        = data.aws_iam_policy_document.tenant_roles.json
    metrics             = data.aws_iam_policy_document.metrics.json
    mail                = data.aws_iam_policy_document.mail.json
    traces              = data.aws_iam_policy_document.traces.json
    diagnose            = data.aws_iam_policy_document.diagnose.json
  }
}
