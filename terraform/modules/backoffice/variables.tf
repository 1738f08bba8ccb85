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
  description = "Days of the back office's logs: no addresses, no mail text."
  type        = number
  default     = 30
}

variable "cluster" {
  description = "The ECS cluster."
  type        = object({ name = string, arn = string })
}

variable "network" {
  description = "Where things stand: the VPC, the load balancer's subnets, the tasks' subnets, and the group of each."
  type = object({
    vpc_id                       = string
    public_subnet_ids            = list(string)
    private_subnet_ids           = list(string)
    alb_security_group_id        = string
    backoffice_security_group_id = string
  })
}

variable "certificate_arn" {
  description = "Certificate for the domain and *.domain."
  type        = string
}

variable "image" {
  description = "The back office's image, by digest."
  type        = string
}

variable "has_image" {
  description = "Whether an image was ever released. Without one the services wait at zero tasks."
  type        = bool
}

variable "repository_arn" {
  description = "Where the image is pulled from."
  type        = string
}

variable "environment" {
  description = "What every process is told."
  type        = map(string)
}

variable "owner_environment" {
  description = "What the provisioner and one-off tasks are told beside it: the owner's database URL."
  type        = map(string)
}

variable "secrets" {
  description = "Names of the environment whose values ECS reads from Secrets Manager, each with the secret's ARN."
  type        = map(string)
}

variable "secret_processes" {
  description = "The processes that a secret is for, where it is not for all."
  type        = map(list(string))
  default     = {}
}

variable "processes" {
  description = "Size and number of each process: cpu in units (1,024 a vCPU), memory in MiB. `most` is how far web and worker are scaled; beat is always one."
  type = map(object({
    cpu        = number
    memory_mib = number
    count      = number
    most       = optional(number)
  }))
  validation {
    condition     = toset(keys(var.processes)) == toset(["web", "worker", "provisioner", "beat"])
    error_message = "processes has web, worker, provisioner and beat."
  }
  validation {
    condition     = try(var.processes["beat"].count, 1) == 1
    error_message = "There is one beat: a second clock would start everything twice."
  }
}

variable "capacity_provider" {
  description = "FARGATE, or FARGATE_SPOT where a pause of some minutes is fine."
  type        = string
  default     = "FARGATE"
  validation {
    condition     = contains(["FARGATE", "FARGATE_SPOT"], var.capacity_provider)
    error_message = "capacity_provider is FARGATE or FARGATE_SPOT."
  }
}

variable "collector_image" {
  description = "The OpenTelemetry collector that sends traces to X-Ray, by digest or version; null: no tracing."
  type        = string
  default     = null
}

variable "trace_rate" {
  description = "Share of requests and tasks that are traced, 0 to 1."
  type        = number
  default     = 0.05
  validation {
    condition     = var.trace_rate >= 0 && var.trace_rate <= 1
    error_message = "trace_rate is between 0 and 1."
  }
}

variable "waf" {
  description = "Whether a web application firewall stands before the load balancer."
  type        = bool
  default     = true
}

variable "requests_per_address" {
  description = "Requests that one address may make in five minutes before the firewall refuses it."
  type        = number
  default     = 2000
  validation {
    condition     = var.requests_per_address >= 100
    error_message = "requests_per_address is 100 at least, AWS's own limit."
  }
}

variable "requests_per_task" {
  description = "Requests a minute and task of web, at which another task is added."
  type        = number
  default     = 600
}

variable "queue_length" {
  description = "Waiting Celery messages at which another worker is added."
  type        = number
  default     = 100
}

variable "metrics_namespace" {
  description = "CloudWatch namespace of the back office's own metrics."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the load balancer can't be deleted, and replaced task definitions stay."
  type        = bool
  default     = true
}

variable "agents" {
  description = "What the back office starts agents with."
  type = object({
    task_definition_prefix = string
    execution_role_arn     = string
    log_group_arn          = string
    tenant_role_path       = string
    tenant_policy_arn      = string
    tenant_boundary_arn    = string
    bucket_arn             = string
    bucket_key_arn         = string
    task_events_queue_arn  = string
  })
}

variable "database" {
  description = "The database instance."
  type = object({
    address           = string
    port              = number
    name              = string
    resource_id       = string
    master_username   = string
    master_secret_arn = string
    kms_key_arn       = string
    url_parameters    = string
  })
}

variable "cache_arns" {
  description = "Replication group and user, for elasticache:Connect; empty where the cache is elsewhere."
  type        = list(string)
}

variable "mail_identity_arns" {
  description = "SES identities that mail goes out as; empty: none through SES."
  type        = list(string)
  default     = []
}

variable "emulated" {
  description = "On an emulated AWS, which has no autoscaling of services."
  type        = bool
  default     = false
}
