variable "environment" {
  description = "dev or production: part of every name."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2,12}$", var.environment))
    error_message = "environment is 2 to 12 lower-case letters, as dev."
  }
}

variable "domain_name" {
  description = "The public site's host; customers are below it, as is admin.<domain>."
  type        = string
}

variable "hosted_zone_id" {
  description = "Route 53 zone of the domain; null where DNS is elsewhere."
  type        = string
}

variable "certificate_arn" {
  description = "An issued certificate, where there is no hosted zone."
  type        = string
}

variable "google_client_id" {
  description = "OAuth client of the Google Cloud project; no secret."
  type        = string
}

variable "card_payments" {
  description = "Whether customers may pay by card, at Stripe. Its two secrets go into Secrets Manager, not here."
  type        = bool
}

variable "mail_from" {
  description = "Sender of the back office's mail; its domain is an identity of SES that was verified."
  type        = string
}

variable "model_ids" {
  description = "Models on Bedrock that agents may ask; the first is the one that they do."
  type        = list(string)
}

variable "alarm_email" {
  description = "Who is told of alarms; null: nobody."
  type        = string
}

variable "monthly_budget_usd" {
  description = "What the account should cost a month, in US dollars."
  type        = number
}

variable "network" {
  description = "Address block, zones, NAT gateways, whether agents have a default route, interface endpoints."
  type = object({
    cidr_block           = optional(string, "10.40.0.0/16")
    availability_zones   = list(string)
    nat_gateway_count    = number
    agents_default_route = bool
    interface_endpoints  = optional(set(string), [])
  })
}

variable "database" {
  description = "Size and care of PostgreSQL. `connections` is the number at which an alarm rings, four fifths of the class's max_connections."
  type = object({
    instance_class            = string
    multi_az                  = bool
    backup_retention_days     = number
    max_allocated_storage_gib = number
    connections               = number
    replica                   = optional(bool, false)
    proxy                     = optional(bool, false)
  })
}

variable "cache" {
  description = "Size of Valkey."
  type = object({
    node_type = string
    replicas  = number
  })
}

variable "backoffice" {
  description = "Size of the back office's processes and what stands before and beside them."
  type = object({
    processes         = map(object({ cpu = number, memory_mib = number, count = number, most = optional(number) }))
    capacity_provider = string
    collector_image   = optional(string)
    waf               = bool
  })
}

variable "agents" {
  description = "How many agents run at once, and beyond the defaults what they are told."
  type = object({
    max_running = number
    environment = optional(map(string), {})
    revisions   = optional(map(number), {})
  })
}

variable "egress" {
  description = "Hosts outside AWS that agents may reach by the proxy, and how many proxies. Null: no proxy, agents go out by NAT."
  type = object({
    allowed_hosts = list(string)
    count         = number
    token_version = optional(number, 1)
  })
  default = null
}

variable "protect_data" {
  description = "True: database, bucket and load balancer refuse to be destroyed. Destroying takes two steps: apply with false, then destroy."
  type        = bool
}

variable "settings" {
  description = "Further names of the back office's environment, as LOG_LEVEL; those that the platform gives can't be replaced."
  type        = map(string)
  default     = {}
}

variable "emulation" {
  description = "Only for an emulated AWS: where PostgreSQL and Redis really are, and what agents are told beside. Null on AWS."
  type = object({
    database_address    = string
    database_port       = number
    database_parameters = string
    redis_url           = string
    agent_environment   = map(string)
  })
  default = null
}
