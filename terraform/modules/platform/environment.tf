# What the back office and the agents are told: every name that openclaw_site/settings reads, and no other. A test holds
# the two lists against each other.

locals {
  database_address    = local.emulated ? var.emulation.database_address : module.database.address
  database_port       = local.emulated ? var.emulation.database_port : module.database.port
  database_parameters = local.emulated ? var.emulation.database_parameters : "?sslmode=verify-full&sslrootcert=${local.database_authority}"
  # In both images; AWS publishes it.
  database_authority = "/opt/rds/global-bundle.pem"

  # No URL has a password: log-ins are by IAM.
  database_urls = {
    for login in ["openclaw_app", "openclaw_owner"] : login =>
    "postgres://${login}@${local.database_address}:${local.database_port}/${module.database.database_name}${local.database_parameters}"
  }

  mail_domain       = element(split("@", trimsuffix(var.mail_from, ">")), 1)
  mail_identity_arn = "arn:${data.aws_partition.current.partition}:ses:${local.region}:${local.account_id}:identity/${local.mail_domain}"

  environment = merge(var.settings, {
    DJANGO_SETTINGS_MODULE        = "openclaw_site.settings.production"
    PUBLIC_BASE_URL               = "https://${var.domain_name}"
    ADMIN_BASE_URL                = "https://admin.${var.domain_name}"
    CUSTOMER_DOMAIN               = var.domain_name
    TRUSTED_PROXY_COUNT           = "1"
    DATABASE_URL                  = local.database_urls["openclaw_app"]
    REDIS_URL                     = local.emulated ? var.emulation.redis_url : "rediss://${module.cache[0].user_name}@${module.cache[0].address}:${module.cache[0].port}/0"
    REDIS_CACHE_NAME              = local.emulated ? "" : module.cache[0].cache_name
    AWS_REGION                    = local.region
    CUSTOMER_REGIONS              = local.region
    COSTS_PLATFORM                = var.environment
    ECS_CLUSTER                   = module.cluster.cluster_name
    ECS_SUBNETS                   = join(",", module.network.agent_subnet_ids)
    ECS_SECURITY_GROUPS           = module.network.security_group_ids["agents"]
    ECS_TASK_DEFINITION_PREFIX    = local.name
    ECS_TASK_DEFINITION_REVISIONS = join(",", [for role in sort(keys(var.agents.revisions)) : "${role}=${var.agents.revisions[role]}"])
    AGENT_MAX_RUNNING             = tostring(var.agents.max_running)
    TASK_EVENTS_QUEUE_URL         = module.events.queue_url
    AGENT_LOG_GROUP               = module.agents.log_group_name
    AGENT_BUCKET                  = module.storage.bucket_name
    TENANT_ROLE_PATH              = local.tenant_role_path
    TENANT_POLICY_ARN             = module.agents.tenant_policy_arn
    TENANT_BOUNDARY_ARN           = module.agents.tenant_boundary_arn
    METRICS_NAMESPACE             = local.metrics
    GOOGLE_CLIENT_ID              = var.google_client_id
    CARD_PAYMENTS                 = tostring(var.card_payments)
    EMAIL_BACKEND                 = "anymail.backends.amazon_ses.EmailBackend"
    DEFAULT_FROM_EMAIL            = var.mail_from
  })

  owner_environment = { DATABASE_OWNER_URL = local.database_urls["openclaw_owner"] }

  has_proxy = var.egress != null

  agent_environment = merge(
    {
      AGENT_BUCKET     = module.storage.bucket_name
      DATABASE_HOST    = local.database_address
      DATABASE_PORT    = tostring(local.database_port)
      DATABASE_NAME    = module.database.database_name
      DATABASE_SSLMODE = "verify-full"
      PGSSLROOTCERT    = local.database_authority
      MODEL_ID         = var.model_ids[0]
      MODEL_REGION     = local.region
    },
    local.has_proxy ? {
      EGRESS_PROXY = module.egress[0].proxy_url
      # Bedrock by its endpoint where there is one.
      EGRESS_MODEL = contains(var.network.interface_endpoints, "bedrock-runtime") ? "direct" : "proxy"
    } : {},
    var.agents.environment,
    local.emulated ? var.emulation.agent_environment : {},
  )
}
