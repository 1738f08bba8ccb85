# Small and cheap: one NAT gateway, agents with a default route, services on Spot, no standby. About 100 USD a month before
# its first customer (`manage.py cost_report --scenario development`).

locals {
  environment = "dev"
}

module "platform" {
  source      = "../../modules/platform"
  environment = local.environment

  domain_name        = var.domain_name
  hosted_zone_id     = var.hosted_zone_id
  certificate_arn    = var.certificate_arn
  google_client_id   = var.google_client_id
  card_payments      = var.card_payments
  mail_from          = var.mail_from
  model_ids          = var.model_ids
  alarm_email        = var.alarm_email
  monthly_budget_usd = var.monthly_budget_usd
  protect_data       = var.protect_data
  settings           = var.settings
  emulation          = var.emulation

  network = {
    availability_zones   = ["${var.region}a", "${var.region}b"]
    nat_gateway_count    = 1
    agents_default_route = true
  }

  database = {
    instance_class            = "db.t4g.micro"
    multi_az                  = false
    backup_retention_days     = 7
    max_allocated_storage_gib = 50
    connections               = 65
  }

  cache = {
    node_type = "cache.t4g.micro"
    replicas  = 0
  }

  backoffice = {
    capacity_provider = "FARGATE_SPOT"
    waf               = false
    processes = {
      web         = { cpu = 256, memory_mib = 512, count = 1 }
      worker      = { cpu = 256, memory_mib = 512, count = 1 }
      provisioner = { cpu = 256, memory_mib = 512, count = 1 }
      beat        = { cpu = 256, memory_mib = 512, count = 1 }
    }
  }

  agents = {
    max_running = 10
    revisions   = var.agent_revisions
  }
}
