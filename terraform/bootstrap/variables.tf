variable "account_id" {
  description = "The AWS account. Any other is refused."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is the account's 12 digits: aws sts get-caller-identity --query Account --output text."
  }
}

variable "region" {
  description = "Where the state is kept."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is a region's code, as eu-central-1."
  }
}

variable "environment" {
  description = "Which environment the account is for: dev or production. Also the name of the protected environment in GitHub."
  type        = string
  validation {
    condition     = contains(["dev", "production"], var.environment)
    error_message = "environment is dev or production."
  }
}

variable "github_repository" {
  description = "OWNER/NAME of the repository whose workflows may act here."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository is OWNER/NAME, without a wildcard: whoever matches it can change the account."
  }
}

variable "github_subject_repository" {
  description = "How GitHub's token names the repository, where that differs from OWNER/NAME: repositories that were made lately put numeric ids into it, as acme@123/saas@456. Null: OWNER/NAME. See docs/deploy.md."
  type        = string
  default     = null
  validation {
    condition     = var.github_subject_repository == null || can(regex("^[A-Za-z0-9@._-]+/[A-Za-z0-9@._-]+$", var.github_subject_repository))
    error_message = "github_subject_repository is OWNER/NAME or OWNER@ID/NAME@ID, without a wildcard."
  }
}

variable "oidc_provider_arn" {
  description = "GitHub's OIDC provider, where the account has it already (there can be one an account). Null: it is made."
  type        = string
  default     = null
}

variable "lock_table" {
  description = "Whether to make a DynamoDB table for locks, for Terraform before 1.10. Newer versions lock in the bucket itself."
  type        = bool
  default     = false
}

variable "emulated" {
  description = "On an emulated AWS, which speaks plain HTTP."
  type        = bool
  default     = false
}
