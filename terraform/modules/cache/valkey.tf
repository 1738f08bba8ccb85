# Valkey: Celery's broker, and the counts of failed sign-ins. TLS alone, and nobody has a password: the one user logs
# in by IAM, with a token of 15 minutes that its task role signs.

resource "aws_elasticache_replication_group" "this" {
  # checkov:skip=CKV2_AWS_50:by variable: with a replica it fails over by itself
  replication_group_id = var.name
  description          = "Celery's broker and the cache"
  engine               = "valkey"
  engine_version       = "8.0"
  node_type            = var.node_type
  port                 = local.port

  num_cache_clusters         = 1 + var.replicas
  automatic_failover_enabled = var.replicas > 0
  multi_az_enabled           = var.replicas > 0

  subnet_group_name    = aws_elasticache_subnet_group.this.name
  security_group_ids   = [var.security_group_id]
  parameter_group_name = aws_elasticache_parameter_group.this.name
  user_group_ids       = [aws_elasticache_user_group.this.user_group_id]

  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = module.key.arn

  snapshot_retention_limit   = var.snapshot_retention_days
  auto_minor_version_upgrade = true
  apply_immediately          = false
}

locals {
  port = 6379
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

# A broker must refuse what it can't hold, never drop what it holds.
resource "aws_elasticache_parameter_group" "this" {
  name        = var.name
  family      = "valkey8"
  description = "Nothing is evicted"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}
