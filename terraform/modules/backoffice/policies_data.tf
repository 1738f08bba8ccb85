# Parts of the task roles' policies: database, cache, secrets, storage, queue, logs, mail, metrics.

data "aws_iam_policy_document" "database" {
  statement {
    sid       = "LogInAsTheApplication"
    actions   = ["rds-db:connect"]
    resources = ["arn:${local.partition}:rds-db:${local.region}:${local.account_id}:dbuser:${var.database.resource_id}/openclaw_app"]
  }
}

data "aws_iam_policy_document" "own_database" {
  statement {
    sid       = "LogInAsTheOwner"
    actions   = ["rds-db:connect"]
    resources = ["arn:${local.partition}:rds-db:${local.region}:${local.account_id}:dbuser:${var.database.resource_id}/openclaw_owner"]
  }
}

data "aws_iam_policy_document" "cache" {
  statement {
    sid       = "LogInToTheCache"
    actions   = ["elasticache:Connect"]
    resources = var.cache_arns
  }
}

data "aws_iam_policy_document" "task_events" {
  statement {
    sid       = "ReceiveTaskEvents"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
    resources = [var.agents.task_events_queue_arn]
  }
}

locals {
  # A secret's ARN ends in a hyphen and six signs. One that is looked for by its name and not there has none to be checked by.
  gmail_secrets = "arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:/openclaw/*/gmail-oauth*"
}

# Of every customer, for these processes work for all of them. The platform's own secrets stand under another name.
data "aws_iam_policy_document" "gmail_secrets" {
  statement {
    sid = "StoreAndReadGmailTokens"
    actions = [
      "secretsmanager:CreateSecret",
      "secretsmanager:DescribeSecret",
      "secretsmanager:GetSecretValue",
      "secretsmanager:PutSecretValue",
      "secretsmanager:RestoreSecret",
      "secretsmanager:TagResource",
    ]
    resources = [local.gmail_secrets]
  }
}

data "aws_iam_policy_document" "close_gmail_secrets" {
  statement {
    sid       = "DeleteGmailTokens"
    actions   = ["secretsmanager:DeleteSecret"]
    resources = [local.gmail_secrets]
    # Never without the days in which it can be brought back.
    condition {
      test     = "NumericGreaterThanEquals"
      variable = "secretsmanager:RecoveryWindowInDays"
      values   = ["7"]
    }
  }
}

data "aws_iam_policy_document" "tenant_storage" {
  statement {
    sid       = "MakeAndEmptyPrefixes"
    actions   = ["s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = ["${var.agents.bucket_arn}/*"]
  }
  statement {
    sid       = "CountObjects"
    actions   = ["s3:ListBucket", "s3:ListBucketVersions"]
    resources = [var.agents.bucket_arn]
  }
  statement {
    sid       = "ObjectsKeyThroughS3"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.agents.bucket_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}

# Archives of a customer's data, which the worker makes and the web process signs links to.
data "aws_iam_policy_document" "write_exports" {
  statement {
    sid       = "KeepArchives"
    actions   = ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = ["${var.agents.bucket_arn}/*/exports/*"]
  }
  statement {
    sid       = "ArchivesKeyThroughS3"
    actions   = ["kms:GenerateDataKey"]
    resources = [var.agents.bucket_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read_exports" {
  statement {
    sid       = "SignLinksToArchives"
    actions   = ["s3:GetObject"]
    resources = ["${var.agents.bucket_arn}/*/exports/*"]
  }
  statement {
    sid       = "ReadArchivesKeyThroughS3"
    actions   = ["kms:Decrypt"]
    resources = [var.agents.bucket_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read_agent_logs" {
  statement {
    sid       = "ReadAgentLogs"
    actions   = ["logs:GetLogEvents", "logs:DescribeLogStreams"]
    resources = [var.agents.log_group_arn, "${var.agents.log_group_arn}:log-stream:*"]
  }
}

# AWS knows no resource for a metric; the namespace bounds it.
data "aws_iam_policy_document" "metrics" {
  statement {
    sid       = "PublishOwnMetrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = [var.metrics_namespace]
    }
  }
}

data "aws_iam_policy_document" "mail" {
  statement {
    sid       = "SendMail"
    actions   = ["ses:SendEmail", "ses:SendRawEmail"]
    resources = var.mail_identity_arns
  }
}

# The collector beside a process uses its task's role. X-Ray knows no narrower resource.
data "aws_iam_policy_document" "traces" {
  statement {
    sid       = "SendTraces"
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"]
    resources = ["*"]
  }
}

# What `manage.py doctor` and `reconcile_costs` look at. Reading of configuration and of the bill, for which AWS knows no
# narrower resource; activating the cost allocation tag is the one change.
data "aws_iam_policy_document" "diagnose" {
  statement {
    sid = "LookAtTheConfiguration"
    actions = [
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "iam:GetAccountSummary",
      "servicequotas:GetServiceQuota",
      "ses:GetAccount",
      "ce:GetCostAndUsage",
      "ce:ListCostAllocationTags",
    ]
    resources = ["*"]
  }
  statement {
    sid       = "ActivateTheCostAllocationTag"
    actions   = ["ce:UpdateCostAllocationTagsStatus"]
    resources = ["*"]
  }
}
