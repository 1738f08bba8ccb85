# PostgreSQL: encrypted, in subnets without a way out, TLS alone. Its roles are made by a one-off task that runs
# `manage.py bootstrap_database`, since Terraform has no route to it and should know no password.

resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_157:by variable: production has it
  # checkov:skip=CKV2_AWS_69:rds.force_ssl stands in the parameter group, in a dynamic block that checkov does not read
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  db_name        = local.database_name
  port           = local.port

  username                            = local.master_username
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = module.key.arn
  iam_database_authentication_enabled = true

  allocated_storage     = var.allocated_storage_gib
  max_allocated_storage = var.max_allocated_storage_gib
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = module.key.arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.security_group_id]
  publicly_accessible    = false
  multi_az               = var.multi_az
  parameter_group_name   = aws_db_parameter_group.this.name

  backup_retention_period   = var.backup_retention_days
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.keep_final_snapshot
  final_snapshot_identifier = "${var.name}-final"

  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  apply_immediately           = false

  performance_insights_enabled          = true
  performance_insights_retention_period = var.performance_insights_retention_days
  performance_insights_kms_key_id       = module.key.arn
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]

  tags = { Name = var.name }
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

locals {
  database_name   = "openclaw"
  master_username = "openclaw_admin"
  port            = 5432
}
