# A copy to read from, in the same subnets.

resource "aws_db_instance" "replica" {
  # checkov:skip=CKV_AWS_157:a replica is a second copy already
  # checkov:skip=CKV2_AWS_69:rds.force_ssl stands in the parameter group
  count = var.replica ? 1 : 0

  identifier             = "${var.name}-replica"
  replicate_source_db    = aws_db_instance.this.identifier
  instance_class         = var.instance_class
  storage_encrypted      = true
  kms_key_id             = module.key.arn
  vpc_security_group_ids = [var.security_group_id]
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.this.name

  iam_database_authentication_enabled = true
  auto_minor_version_upgrade          = true
  copy_tags_to_snapshot               = true
  deletion_protection                 = var.deletion_protection
  skip_final_snapshot                 = true

  performance_insights_enabled    = true
  performance_insights_kms_key_id = module.key.arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]

  tags = { Name = "${var.name}-replica" }
}
