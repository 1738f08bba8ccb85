provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project     = "openclaw"
      Environment = local.environment
      ManagedBy   = "terraform"
    }
  }

  # Against an emulated AWS, which answers on loopback, quickly and with less.
  skip_credentials_validation = var.emulation != null
  skip_metadata_api_check     = var.emulation != null
  s3_use_path_style           = var.emulation != null
  max_retries                 = var.emulation != null ? 2 : null
}
