variable "name" {
  description = "Prefix of every name, as openclaw-dev."
  type        = string
}

variable "metrics_namespace" {
  description = "CloudWatch namespace of the back office's own metrics, as OpenClaw/dev."
  type        = string
}

variable "alarm_email" {
  description = "Who is told of an alarm; null: nobody, the alarms are still there. AWS mails a link that has to be followed once."
  type        = string
  default     = null
  validation {
    condition     = var.alarm_email == null || can(regex("^[^@ ]+@[^@ ]+$", var.alarm_email))
    error_message = "alarm_email is an e-mail address."
  }
}

variable "monthly_budget_usd" {
  description = "What the account should cost a month, in US dollars; told at 50, 80 and 100 %."
  type        = number
  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd is more than 0."
  }
}

variable "watched" {
  description = "What the alarms look at, as its metrics name it."
  type = object({
    cluster_name            = string
    service_names           = map(string)
    alb_arn_suffix          = string
    target_group_arn_suffix = string
    database_instance_id    = string
    database_connections    = number
    dead_letter_queue_name  = string
  })
}

variable "emulated" {
  description = "On an emulated AWS, which has no budgets with notices and no X-Ray."
  type        = bool
  default     = false
}
