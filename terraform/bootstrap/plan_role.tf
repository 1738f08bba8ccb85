# What a pull request's plan may do: read the state. It plans without refreshing (docs/deploy.md says why), so it asks AWS
# for nothing else; no customer's data and no secret is within its reach, whatever a pull request makes it run.

resource "aws_iam_role_policy" "plan" {
  name   = "read-the-state"
  role   = aws_iam_role.github["plan"].id
  policy = data.aws_iam_policy_document.plan.json
}

data "aws_iam_policy_document" "plan" {
  statement {
    sid       = "ListTheState"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]
  }
  statement {
    sid       = "ReadTheState"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.state.arn}/${var.environment}/terraform.tfstate"]
  }
  statement {
    sid       = "NoSecrets"
    effect    = "Deny"
    actions   = ["secretsmanager:GetSecretValue", "ssm:GetParameter*", "kms:Decrypt"]
    resources = ["*"]
    # The state itself is encrypted with AWS's key for S3.
    condition {
      test     = "StringNotEqualsIfExists"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }
  statement {
    sid           = "NoOtherBucket"
    effect        = "Deny"
    actions       = ["s3:*"]
    not_resources = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
  }
}
