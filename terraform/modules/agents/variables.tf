variable "name" {
  description = "Prefix of every name, as openclaw-dev."
  type        = string
}

variable "role_path" {
  description = "IAM path of the platform's roles and policies, as /openclaw/dev/."
  type        = string
}

variable "role_boundary_arn" {
  description = "Permissions boundary of every role that is made here (terraform/bootstrap makes it)."
  type        = string
  default     = null
}

variable "tenant_role_path" {
  description = "IAM path of the customers' roles, as /openclaw/dev/tenants/."
  type        = string
  validation {
    condition     = can(regex("^/openclaw/[a-z]+/tenants/$", var.tenant_role_path))
    error_message = "tenant_role_path is /openclaw/<environment>/tenants/."
  }
}

variable "log_group_prefix" {
  description = "Where log groups stand, as /openclaw/dev."
  type        = string
}

variable "log_retention_days" {
  description = "Days of the agents' logs, which hold no mail text."
  type        = number
  default     = 30
}

variable "image" {
  description = "The agent image, by digest."
  type        = string
}

variable "repository_arn" {
  description = "Where the image is pulled from."
  type        = string
}

variable "cpu" {
  description = "CPU units of a task; 1,024 are one vCPU. A turn of the engine takes about 12 CPU-seconds."
  type        = number
  default     = 512
}

variable "memory_mib" {
  description = "Memory of a task in MiB. A whole task was seen at 550 to 570 MiB at peak (docs/benchmarks.md)."
  type        = number
  default     = 1024
  validation {
    condition     = var.memory_mib >= 1024
    error_message = "memory_mib is 1024 at least: the engine does not fit into less."
  }
}

variable "environment" {
  description = "What every agent is told beside what comes with RunTask: docs/operations.md, “What an agent is told”."
  type        = map(string)
}

variable "secrets" {
  description = "Environment names whose values ECS reads from Secrets Manager, each with the secret's ARN."
  type        = map(string)
  default     = {}
}

variable "bucket_arn" {
  description = "The agents' bucket."
  type        = string
}

variable "bucket_key_arn" {
  description = "Key of the bucket's objects."
  type        = string
}

variable "database_resource_id" {
  description = "The database instance's resource id, for rds-db:connect."
  type        = string
}

variable "model_ids" {
  description = "Models on Bedrock that agents may ask, by id; an id with a region group before it (eu., us., global.) is an inference profile."
  type        = list(string)
  validation {
    condition     = length(var.model_ids) > 0 && alltrue([for id in var.model_ids : can(regex("^[a-z0-9][a-z0-9.:-]+$", id))])
    error_message = "model_ids names at least one model by its id at Bedrock, as eu.anthropic.claude-sonnet-4-5-20250929-v1:0."
  }
}

variable "keep_revisions" {
  description = "Whether replaced task definitions stay, so that a release can be gone back to."
  type        = bool
  default     = true
}
