# Which images run. A release writes their digests here; Terraform reads them and makes revisions of the definitions.

locals {
  images = {
    for image, parameter in aws_ssm_parameter.image : image => (
      parameter.insecure_value == "none" ? "${module.registry.repository_urls[image]}:none" : parameter.insecure_value
    )
  }
  has_image = { for image, parameter in aws_ssm_parameter.image : image => parameter.insecure_value != "none" }
}

resource "aws_ssm_parameter" "image" {
  # checkov:skip=CKV2_AWS_34:the digest of an image is no secret
  for_each       = toset(["backoffice", "agent", "egress"])
  name           = "/${local.name}/images/${each.key}"
  description    = "The ${each.key} image that is released, by digest"
  type           = "String"
  insecure_value = "none"

  lifecycle {
    ignore_changes = [insecure_value]
  }
}
