variable "name" {
  description = "Prefix of every name, as openclaw-dev."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}$", var.name))
    error_message = "name is 3 to 23 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "cidr_block" {
  description = "Addresses of the VPC; a /16 leaves 4,091 for tasks in each zone."
  type        = string
  default     = "10.40.0.0/16"
  validation {
    condition     = can(cidrhost(var.cidr_block, 0)) && can(regex("/(16|17|18|19|20)$", var.cidr_block))
    error_message = "cidr_block is an IPv4 network from /16 to /20, as 10.40.0.0/16."
  }
}

variable "availability_zones" {
  description = "Two or three zones of the region. A zone more is another NAT gateway and another copy of each interface endpoint."
  type        = list(string)
  validation {
    condition     = length(var.availability_zones) >= 2 && length(var.availability_zones) <= 3 && length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "availability_zones names two or three different zones, as [\"eu-central-1a\", \"eu-central-1b\"]."
  }
}

variable "nat_gateway_count" {
  description = "One is cheap; one a zone outlives a zone."
  type        = number
  default     = 1
  validation {
    condition     = var.nat_gateway_count >= 1 && var.nat_gateway_count <= length(var.availability_zones)
    error_message = "nat_gateway_count is between 1 and the number of availability zones."
  }
}

variable "agents_default_route" {
  description = "Whether agents reach the internet by NAT. False builds the egress wall: AWS by endpoints, Google by the proxy, nothing else."
  type        = bool
}

variable "interface_endpoints" {
  description = "AWS services reached without NAT, by their short names, as ecr.api. Each costs about 14.60 USD a month over two zones."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z0-9.-]+$", service))])
    error_message = "interface_endpoints are short service names, as ecr.api, not com.amazonaws.…"
  }
  validation {
    condition     = var.agents_default_route || alltrue([for needed in ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sts"] : contains(var.interface_endpoints, needed)])
    error_message = "Without a default route agents need the interface endpoints ecr.api, ecr.dkr, logs, secretsmanager and sts."
  }
}

variable "proxy_port" {
  description = "Where the egress proxy listens."
  type        = number
  default     = 3128
}

variable "flow_log_retention_days" {
  description = "Days that CloudWatch keeps who talked to whom."
  type        = number
  default     = 30
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.flow_log_retention_days)
    error_message = "flow_log_retention_days is one of CloudWatch's: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400."
  }
}

variable "role_path" {
  description = "IAM path of the platform's roles, as /openclaw/dev/."
  type        = string
  validation {
    condition     = can(regex("^/openclaw/[a-z]+/$", var.role_path))
    error_message = "role_path is /openclaw/<environment>/."
  }
}

variable "role_boundary_arn" {
  description = "Permissions boundary of every role that is made here (terraform/bootstrap makes it)."
  type        = string
  default     = null
}
