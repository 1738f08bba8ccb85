# The modules that hold policies, with literal surroundings: enough for AWS to hand every document out as it would be.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
  max_retries                 = 2
}

locals {
  name             = "openclaw-production"
  account_id       = "123456789012"
  role_path        = "/openclaw/production/"
  tenant_role_path = "/openclaw/production/tenants/"
  bucket_name      = "openclaw-production-agents-123456789012"
  none             = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
}

module "bootstrap" {
  source            = "../../../../terraform/bootstrap"
  account_id        = local.account_id
  region            = "eu-central-1"
  environment       = "production"
  github_repository = "acme/saas"
  emulated          = true
}

module "storage" {
  source           = "../../../../terraform/modules/storage"
  name             = local.name
  bucket_name      = local.bucket_name
  tenant_role_path = local.tenant_role_path
  emulated         = true
}

module "agents" {
  source               = "../../../../terraform/modules/agents"
  name                 = local.name
  role_path            = local.role_path
  role_boundary_arn    = module.bootstrap.platform_boundary_arn
  tenant_role_path     = local.tenant_role_path
  log_group_prefix     = "/openclaw/production"
  image                = "agent"
  repository_arn       = "arn:aws:ecr:eu-central-1:123456789012:repository/openclaw-production/agent"
  environment          = {}
  secrets              = { EGRESS_TOKEN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:openclaw-production/egress-token-AbCdEf" }
  bucket_arn           = module.storage.bucket_arn
  bucket_key_arn       = module.storage.kms_key_arn
  database_resource_id = "db-ABCDEFGH"
  model_ids            = ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0"]
}

module "backoffice" {
  source             = "../../../../terraform/modules/backoffice"
  name               = local.name
  role_path          = local.role_path
  role_boundary_arn  = module.bootstrap.platform_boundary_arn
  log_group_prefix   = "/openclaw/production"
  cluster            = { name = local.name, arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/openclaw-production" }
  certificate_arn    = local.none
  image              = "backoffice"
  has_image          = true
  repository_arn     = "arn:aws:ecr:eu-central-1:123456789012:repository/openclaw-production/backoffice"
  environment        = {}
  owner_environment  = {}
  secrets            = { SECRET_KEY = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:openclaw-production/secret-key-AbCdEf" }
  metrics_namespace  = "OpenClaw/production"
  collector_image    = "collector"
  emulated           = true
  cache_arns         = ["arn:aws:elasticache:eu-central-1:123456789012:replicationgroup:openclaw-production", "arn:aws:elasticache:eu-central-1:123456789012:user:openclaw-production-backoffice"]
  mail_identity_arns = ["arn:aws:ses:eu-central-1:123456789012:identity/example.com"]
  processes = {
    for process in ["web", "worker", "provisioner", "beat"] : process => { cpu = 256, memory_mib = 512, count = 1 }
  }
  network = {
    vpc_id                       = "vpc-1"
    public_subnet_ids            = []
    private_subnet_ids           = []
    alb_security_group_id        = "sg-1"
    backoffice_security_group_id = "sg-2"
  }
  agents = {
    task_definition_prefix = module.agents.task_definition_prefix
    execution_role_arn     = module.agents.execution_role_arn
    log_group_arn          = module.agents.log_group_arn
    tenant_role_path       = local.tenant_role_path
    tenant_policy_arn      = module.agents.tenant_policy_arn
    tenant_boundary_arn    = module.agents.tenant_boundary_arn
    bucket_arn             = module.storage.bucket_arn
    bucket_key_arn         = module.storage.kms_key_arn
    task_events_queue_arn  = "arn:aws:sqs:eu-central-1:123456789012:openclaw-production-task-events"
  }
  database = {
    address           = "db"
    port              = 5432
    name              = "openclaw"
    resource_id       = "db-ABCDEFGH"
    master_username   = "openclaw_admin"
    master_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-AbCdEf"
    kms_key_arn       = module.storage.kms_key_arn
    url_parameters    = ""
  }
}

output "bucket_key_arn" {
  value = module.storage.kms_key_arn
}

output "tenant_policy_arn" {
  value = module.agents.tenant_policy_arn
}

output "tenant_boundary_arn" {
  value = module.agents.tenant_boundary_arn
}

output "platform_boundary_arn" {
  value = module.bootstrap.platform_boundary_arn
}
