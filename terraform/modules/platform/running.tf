# The cluster, what runs on it, and what tells of it.

module "cluster" {
  source           = "../cluster"
  name             = local.name
  log_group_prefix = local.log_group_prefix
}

module "egress" {
  count             = var.egress == null ? 0 : 1
  source            = "../egress"
  name              = local.name
  role_path         = local.role_path
  role_boundary_arn = local.role_boundary_arn
  log_group_prefix  = local.log_group_prefix
  cluster_arn       = module.cluster.cluster_arn
  vpc_id            = module.network.vpc_id
  subnet_ids        = module.network.private_subnet_ids
  security_group_id = module.network.security_group_ids["egress"]
  image             = local.images["egress"]
  has_image         = local.has_image["egress"]
  repository_arn    = module.registry.repository_arns["egress"]
  allowed_hosts     = var.egress.allowed_hosts
  desired_count     = var.egress.count
  token_secret_arn  = module.egress_token[0].arn
}

module "agents" {
  source               = "../agents"
  name                 = local.name
  role_path            = local.role_path
  role_boundary_arn    = local.role_boundary_arn
  tenant_role_path     = local.tenant_role_path
  log_group_prefix     = local.log_group_prefix
  image                = local.images["agent"]
  repository_arn       = module.registry.repository_arns["agent"]
  environment          = local.agent_environment
  secrets              = { for token in module.egress_token : "EGRESS_TOKEN" => token.arn }
  bucket_arn           = module.storage.bucket_arn
  bucket_key_arn       = module.storage.kms_key_arn
  database_resource_id = module.database.resource_id
  model_ids            = var.model_ids
  keep_revisions       = var.protect_data
}

module "events" {
  source      = "../events"
  name        = local.name
  cluster_arn = module.cluster.cluster_arn
  emulated    = local.emulated
}

module "backoffice" {
  source            = "../backoffice"
  name              = local.name
  role_path         = local.role_path
  role_boundary_arn = local.role_boundary_arn
  log_group_prefix  = local.log_group_prefix
  cluster           = { name = module.cluster.cluster_name, arn = module.cluster.cluster_arn }
  certificate_arn   = module.dns.certificate_arn
  image             = local.images["backoffice"]
  has_image         = local.has_image["backoffice"]
  repository_arn    = module.registry.repository_arns["backoffice"]
  environment       = local.environment
  owner_environment = local.owner_environment
  secrets           = { for name, secret in module.secret : name => secret.arn }
  secret_processes  = { for name, secret in local.secrets : name => secret.processes if can(secret.processes) }

  processes           = var.backoffice.processes
  capacity_provider   = var.backoffice.capacity_provider
  collector_image     = var.backoffice.collector_image
  waf                 = var.backoffice.waf
  metrics_namespace   = local.metrics
  deletion_protection = var.protect_data
  emulated            = local.emulated

  cache_arns         = flatten([for cache in module.cache : [cache.replication_group_arn, cache.user_arn]])
  mail_identity_arns = [local.mail_identity_arn]

  network = {
    vpc_id                       = module.network.vpc_id
    public_subnet_ids            = module.network.public_subnet_ids
    private_subnet_ids           = module.network.private_subnet_ids
    alb_security_group_id        = module.network.security_group_ids["alb"]
    backoffice_security_group_id = module.network.security_group_ids["backoffice"]
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
    task_events_queue_arn  = module.events.queue_arn
  }

  database = {
    address           = local.database_address
    port              = local.database_port
    name              = module.database.database_name
    resource_id       = module.database.resource_id
    master_username   = module.database.master_username
    master_secret_arn = module.database.master_secret_arn
    kms_key_arn       = module.database.kms_key_arn
    url_parameters    = local.database_parameters
  }
}

module "dns" {
  source          = "../dns"
  domain_name     = var.domain_name
  hosted_zone_id  = var.hosted_zone_id
  certificate_arn = var.certificate_arn
  alb_dns_name    = module.backoffice.alb_dns_name
  alb_zone_id     = module.backoffice.alb_zone_id
}

module "observability" {
  source             = "../observability"
  name               = local.name
  metrics_namespace  = local.metrics
  alarm_email        = var.alarm_email
  monthly_budget_usd = var.monthly_budget_usd
  emulated           = local.emulated

  watched = {
    cluster_name            = module.cluster.cluster_name
    service_names           = module.backoffice.service_names
    alb_arn_suffix          = module.backoffice.alb_arn_suffix
    target_group_arn_suffix = module.backoffice.target_group_arn_suffix
    database_instance_id    = module.database.instance_id
    database_connections    = var.database.connections
    dead_letter_queue_name  = module.events.dead_letter_queue_name
  }
}
