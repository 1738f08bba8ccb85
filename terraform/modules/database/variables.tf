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

variable "subnet_ids" {
  description = "Data subnets, in two zones at least."
  type        = list(string)
  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "RDS needs subnets in two zones at least."
  }
}

variable "security_group_id" {
  description = "Group that only the back office and the agents reach."
  type        = string
}

variable "instance_class" {
  description = "Size, as db.t4g.micro. Agents hold one connection each: see “How many agents run at once” in docs/operations.md."
  type        = string
  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class is an RDS class, as db.t4g.medium."
  }
}

variable "engine_version" {
  description = "PostgreSQL's major version, or a minor one to hold. The schema's walls were tested on 18."
  type        = string
  default     = "18"
  validation {
    condition     = can(regex("^18(\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version is 18 or 18.x: nothing else was tested."
  }
}

variable "allocated_storage_gib" {
  description = "Storage to begin with, in GiB."
  type        = number
  default     = 20
  validation {
    condition     = var.allocated_storage_gib >= 20
    error_message = "allocated_storage_gib is 20 at least (gp3)."
  }
}

variable "max_allocated_storage_gib" {
  description = "How far storage grows by itself, in GiB."
  type        = number
  default     = 100
  validation {
    condition     = var.max_allocated_storage_gib > var.allocated_storage_gib
    error_message = "max_allocated_storage_gib is more than allocated_storage_gib."
  }
}

variable "multi_az" {
  description = "A standby in another zone, which takes over by itself; doubles the price."
  type        = bool
  default     = false
}

variable "backup_retention_days" {
  description = "Days back to any second of which the database can be restored."
  type        = number
  default     = 7
  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days is 1 to 35: without backups there is no restore."
  }
}

variable "performance_insights_retention_days" {
  description = "Days of Performance Insights; 7 are free."
  type        = number
  default     = 7
}

variable "deletion_protection" {
  description = "First of the two steps of destroying the data: apply with false. The second is the destroy itself, which keeps a last snapshot."
  type        = bool
  default     = true
}

variable "keep_final_snapshot" {
  description = "Whether a destroy keeps a last snapshot."
  type        = bool
  default     = true
}

variable "replica" {
  description = "A read replica, for reports; the product itself does not read from it."
  type        = bool
  default     = false
}

variable "proxy" {
  description = "RDS Proxy in front. Off: a context is one SELECT app_enter(), whose settings pin a session to its connection, so that the proxy would share nothing. Only with DATABASE_POOLING=transaction does it help."
  type        = bool
  default     = false
}
