variable "name" {
  description = "Prefix of every name, as openclaw-dev."
  type        = string
}

variable "bucket_name" {
  description = "Name of the agents' bucket; bucket names are the whole world's, so the account's number is in it."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name is 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "tenant_role_path" {
  description = "IAM path of the customers' roles, as /openclaw/dev/tenants/."
  type        = string
  validation {
    condition     = can(regex("^/openclaw/[a-z]+/tenants/$", var.tenant_role_path))
    error_message = "tenant_role_path is /openclaw/<environment>/tenants/."
  }
}

variable "noncurrent_version_days" {
  description = "Days that an overwritten or deleted object can still be brought back."
  type        = number
  default     = 30
  validation {
    condition     = var.noncurrent_version_days >= 7
    error_message = "noncurrent_version_days is 7 at least, so that a mistake can be undone."
  }
}

variable "allow_destroy" {
  description = "First of the two steps of destroying the data: apply with true, so that the bucket may be emptied. The second is the destroy itself."
  type        = bool
  default     = false
}

variable "emulated" {
  description = "On an emulated AWS, which speaks plain HTTP and knows no Intelligent-Tiering configuration."
  type        = bool
  default     = false
}
