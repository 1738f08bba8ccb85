# Network, data stores and registry.

module "network" {
  source               = "../network"
  name                 = local.name
  role_path            = local.role_path
  role_boundary_arn    = local.role_boundary_arn
  cidr_block           = var.network.cidr_block
  availability_zones   = var.network.availability_zones
  nat_gateway_count    = var.network.nat_gateway_count
  agents_default_route = var.network.agents_default_route
  interface_endpoints  = var.network.interface_endpoints
}

module "database" {
  source                    = "../database"
  name                      = local.name
  role_path                 = local.role_path
  role_boundary_arn         = local.role_boundary_arn
  subnet_ids                = module.network.data_subnet_ids
  security_group_id         = module.network.security_group_ids["database"]
  instance_class            = var.database.instance_class
  multi_az                  = var.database.multi_az
  backup_retention_days     = var.database.backup_retention_days
  max_allocated_storage_gib = var.database.max_allocated_storage_gib
  replica                   = var.database.replica
  proxy                     = var.database.proxy
  deletion_protection       = var.protect_data
  keep_final_snapshot       = !local.emulated
}

module "cache" {
  count             = local.emulated ? 0 : 1
  source            = "../cache"
  name              = local.name
  subnet_ids        = module.network.data_subnet_ids
  security_group_id = module.network.security_group_ids["cache"]
  node_type         = var.cache.node_type
  replicas          = var.cache.replicas
}

module "storage" {
  source           = "../storage"
  name             = local.name
  bucket_name      = "${local.name}-agents-${local.account_id}"
  tenant_role_path = local.tenant_role_path
  allow_destroy    = !var.protect_data
  emulated         = local.emulated
}

module "registry" {
  source        = "../registry"
  name          = local.name
  allow_destroy = !var.protect_data
}
