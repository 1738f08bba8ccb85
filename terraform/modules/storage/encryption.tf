# The key of the bucket's objects, used through S3 alone.

module "key" {
  source      = "../key"
  alias       = "${var.name}-storage"
  description = "${var.name} agents' bucket"
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
