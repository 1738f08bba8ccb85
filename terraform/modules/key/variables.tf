variable "alias" {
  description = "The key's name in the account, as openclaw-dev-storage."
  type        = string
}

variable "description" {
  description = "What it encrypts."
  type        = string
}

variable "deletion_window_days" {
  description = "Days in which a key that is to be deleted can be kept after all; what it encrypts is lost with it."
  type        = number
  default     = 30
  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "deletion_window_days is 7 to 30 (KMS's limits)."
  }
}

variable "services" {
  description = "AWS services that use the key by themselves: the service's principal, what it may, and the condition that ties it to us."
  type = list(object({
    sid        = string
    principals = list(string)
    actions    = list(string)
    condition  = object({ test = string, variable = string, values = list(string) })
  }))
  default = []
}
