variable "name" {
  description = "Name of the cluster, and prefix of every other."
  type        = string
}

variable "log_group_prefix" {
  description = "Where log groups stand, as /openclaw/dev."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the record of entered containers is kept."
  type        = number
  default     = 90
}
