# Where alarms go. Alarm texts hold names and figures, nothing of a customer's.

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = module.key.arn
}

resource "aws_sns_topic_subscription" "email" {
  count     = var.alarm_email == null ? 0 : 1
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.topic.json
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AlarmsAndBudgetsPublish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

module "key" {
  source               = "../key"
  alias                = "${var.name}-alarms"
  description          = "${var.name} alarms"
  deletion_window_days = 7
  services = [{
    sid        = "AlarmsAndBudgetsEncrypt"
    principals = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]
    actions    = ["kms:Decrypt", "kms:GenerateDataKey*"]
    condition = {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }]
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}
