variable "name" {
  description = "Prefix of every name, as openclaw-dev."
  type        = string
}

variable "subnet_ids" {
  description = "Data subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group that only the back office reaches."
  type        = string
}

variable "node_type" {
  description = "Size of a node, as cache.t4g.micro."
  type        = string
  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type))
    error_message = "node_type is an ElastiCache class, as cache.t4g.micro."
  }
}

variable "replicas" {
  description = "Copies beside the primary, in other zones; with one or more a failed primary is replaced by itself."
  type        = number
  default     = 0
  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5
    error_message = "replicas is 0 to 5."
  }
}

variable "snapshot_retention_days" {
  description = "Days of daily snapshots. What waits in the queues is made again by the sweepers, so few are enough."
  type        = number
  default     = 1
}
