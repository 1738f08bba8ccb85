variable "name" {
  description = "The role's name, as openclaw-dev-agents-execution."
  type        = string
}

variable "role_path" {
  description = "IAM path of the platform's roles, as /openclaw/dev/."
  type        = string
}

variable "role_boundary_arn" {
  description = "Permissions boundary of every role that is made here (terraform/bootstrap makes it)."
  type        = string
  default     = null
}

variable "repository_arn" {
  description = "Where the image is pulled from."
  type        = string
}

variable "log_group_arn" {
  description = "Where the task writes."
  type        = string
}

variable "secret_arns" {
  description = "Secrets that the definition names; whoever is not among them can't be read for the task."
  type        = list(string)
  default     = []
}

variable "secrets_key_arn" {
  description = "Our own key that one of the secrets is encrypted with; null where AWS's key for Secrets Manager is."
  type        = string
  default     = null
}
