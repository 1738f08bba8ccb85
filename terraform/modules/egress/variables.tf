variable "name" {
  description = "Prefix of every name, as openclaw-dev."
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

variable "log_group_prefix" {
  description = "Where log groups stand, as /openclaw/dev."
  type        = string
}

variable "log_retention_days" {
  description = "Days that it is kept which host an agent asked for."
  type        = number
  default     = 90
}

variable "cluster_arn" {
  description = "The ECS cluster."
  type        = string
}

variable "vpc_id" {
  description = "Where the proxy's name is known."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, which have a way out."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group that the agents alone reach."
  type        = string
}

variable "image" {
  description = "The proxy's image, by digest."
  type        = string
}

variable "has_image" {
  description = "Whether an image was ever released. Without one the proxy waits at zero tasks."
  type        = bool
}

variable "repository_arn" {
  description = "Where the image is pulled from."
  type        = string
}

variable "allowed_hosts" {
  description = "The hosts that agents may reach, whole names."
  type        = list(string)
  validation {
    condition     = length(var.allowed_hosts) > 0 && alltrue([for host in var.allowed_hosts : can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", host))])
    error_message = "allowed_hosts are whole host names, as gmail.googleapis.com: no addresses, no wildcards."
  }
}

variable "desired_count" {
  description = "Proxies, one a zone at best."
  type        = number
  default     = 2
}

variable "port" {
  description = "Where the proxy listens."
  type        = number
  default     = 3128
}

variable "token_secret_arn" {
  description = "The secret that holds what the proxy asks agents for."
  type        = string
}
