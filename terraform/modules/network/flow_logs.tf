# Who talked to whom, addresses and ports only: the way to see what an agent tried when it should not have.

resource "aws_cloudwatch_log_group" "flow" {
  # checkov:skip=CKV_AWS_338:kept as long as it helps and no longer, by variable
  # checkov:skip=CKV_AWS_158:CloudWatch encrypts it; no line holds a secret or mail
  name              = "/openclaw/${var.name}/flow"
  retention_in_days = var.flow_log_retention_days
}

resource "aws_flow_log" "this" {
  vpc_id          = aws_vpc.this.id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.flow.arn
  iam_role_arn    = aws_iam_role.flow.arn
  tags            = { Name = var.name }
}

resource "aws_iam_role" "flow" {
  name                 = "${var.name}-flow-logs"
  path                 = var.role_path
  permissions_boundary = var.role_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.flow_trust.json
}

data "aws_iam_policy_document" "flow_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "flow" {
  name   = "write-flow-logs"
  role   = aws_iam_role.flow.id
  policy = data.aws_iam_policy_document.flow.json
}

data "aws_iam_policy_document" "flow" {
  statement {
    sid       = "WriteItsOwnGroup"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.flow.arn}:*"]
  }
}
