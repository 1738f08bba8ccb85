# What differs from one company to the next. Sizes are in main.tf.

variable "account_id" {
  description = "The AWS account that this environment is in. Any other is refused."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is the account's 12 digits: aws sts get-caller-identity --query Account --output text."
  }
}

variable "region" {
  description = "AWS region, as eu-central-1. Bedrock must offer the models there."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is a region's code, as eu-central-1."
  }
}

variable "domain_name" {
  description = "The public site's host; customers get <subdomain>.<domain>, staff admin.<domain>."
  type        = string
  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name is a host name in lower case, as agents.example.com."
  }
}

variable "hosted_zone_id" {
  description = "Route 53 zone that holds the domain: the certificate and the records are made in it. Null where DNS is elsewhere."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "An issued ACM certificate for the domain and *.domain, where there is no hosted_zone_id."
  type        = string
  default     = null
}

variable "google_client_id" {
  description = "OAuth client of your Google Cloud project, as 123-abc.apps.googleusercontent.com. Its secret goes into Secrets Manager, not here."
  type        = string
  validation {
    condition     = can(regex("^[0-9A-Za-z-]+\\.apps\\.googleusercontent\\.com$", var.google_client_id))
    error_message = "google_client_id ends with .apps.googleusercontent.com: Google Cloud console, APIs & Services, Credentials."
  }
}

variable "card_payments" {
  description = "Whether customers may pay by card, at Stripe. Its two secrets go into Secrets Manager, not here."
  type        = bool
  default     = false
}

variable "mail_from" {
  description = "Sender of the back office's mail, as OpenClaw <no-reply@example.com>. The part after @ is an identity of SES that was verified."
  type        = string
  validation {
    condition     = can(regex("@[a-z0-9.-]+>?$", var.mail_from))
    error_message = "mail_from is an address, as no-reply@example.com, or a name with one in angle brackets."
  }
}

variable "model_ids" {
  description = "Models on Bedrock that agents may ask, by id or inference profile; the first is the one that they do. The account needs access to them."
  type        = list(string)
  default     = ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0"]
  validation {
    condition     = length(var.model_ids) > 0
    error_message = "model_ids names at least one model."
  }
}

variable "alarm_email" {
  description = "Who is told of alarms and of the budget. AWS mails a link that has to be followed once."
  type        = string
  default     = null
}

variable "monthly_budget_usd" {
  description = "What the account should cost a month, in US dollars; told at 50, 80 and 100 %."
  type        = number
  default     = 2500
}

variable "agent_revisions" {
  description = "Task definition revision by role that all but the canaries run, as { butler = 12 }; a role that is left out runs its newest."
  type        = map(number)
  default     = {}
  validation {
    condition     = alltrue([for role in keys(var.agent_revisions) : contains(["butler", "scout", "writer"], role)])
    error_message = "agent_revisions names butler, scout or writer."
  }
}

variable "protect_data" {
  description = "False is the first of the two steps of destroying the environment with its data; the second is terraform destroy."
  type        = bool
  default     = true
}

variable "settings" {
  description = "Further names of the back office's environment, as { LOG_LEVEL = \"DEBUG\" }."
  type        = map(string)
  default     = {}
}

variable "emulation" {
  description = "Only for trying the environment on an emulated AWS: where PostgreSQL and Redis really are, and what agents are told beside."
  type = object({
    database_address    = string
    database_port       = number
    database_parameters = string
    redis_url           = string
    agent_environment   = map(string)
  })
  default = null
}
