provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project     = "openclaw"
      Environment = var.environment
      ManagedBy   = "terraform-bootstrap"
    }
  }

  skip_credentials_validation = var.emulated
  skip_metadata_api_check     = var.emulated
  s3_use_path_style           = var.emulated
  max_retries                 = var.emulated ? 2 : null
}

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
  name      = "openclaw-${var.environment}"
  # Apart from the platform's own path, which the apply role manages.
  path = "/openclaw-bootstrap/"
}
