variable "name" {
  description = "Prefix of every name, as openclaw-dev."
  type        = string
}

variable "cluster_arn" {
  description = "The cluster whose tasks are told of."
  type        = string
}

variable "visibility_seconds" {
  description = "Seconds that a received event is hidden from other workers."
  type        = number
  default     = 30
  validation {
    condition     = var.visibility_seconds >= 10 && var.visibility_seconds <= 43200
    error_message = "visibility_seconds is 10 to 43200 (SQS's limit)."
  }
}

variable "emulated" {
  description = "On an emulated AWS, which speaks plain HTTP and knows no redrive allow policy."
  type        = bool
  default     = false
}
