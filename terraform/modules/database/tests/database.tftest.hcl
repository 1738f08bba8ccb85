mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name              = "openclaw-test"
  role_path         = "/openclaw/test/"
  subnet_ids        = ["subnet-a", "subnet-b"]
  security_group_id = "sg-database"
  instance_class    = "db.t4g.micro"
}

run "as_it_is" {
  command = plan

  # It is private encrypted and kept.
  assert {
    condition     = aws_db_instance.this.publicly_accessible == false
    error_message = "The database has a public address."
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == module.key.arn
    error_message = "Storage is not encrypted with our key."
  }

  assert {
    condition     = aws_db_instance.this.backup_retention_period >= 7 && aws_db_instance.this.delete_automated_backups == false
    error_message = "Backups are too short, or go with the database."
  }

  assert {
    condition     = aws_db_instance.this.iam_database_authentication_enabled && aws_db_instance.this.manage_master_user_password
    error_message = "A password is needed, or known to Terraform."
  }

  # Plain connections are refused and no statement is logged.
  assert {
    condition = {
      for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value
      if contains(["rds.force_ssl", "log_statement", "log_min_duration_statement", "log_min_error_statement", "log_error_verbosity", "shared_preload_libraries"], parameter.name)
      } == {
      "rds.force_ssl"              = "1"
      "log_statement"              = "none"
      "log_min_duration_statement" = "-1"
      "log_min_error_statement"    = "panic"
      "log_error_verbosity"        = "terse"
      "shared_preload_libraries"   = "pg_stat_statements"
    }
    error_message = "TLS is not forced, or statements with their values reach the log."
  }

  # Destroying takes two steps.
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot
    error_message = "One step destroys the database, or no last snapshot is kept."
  }

  # Proxy and replica are off.
  assert {
    condition     = length(aws_db_proxy.this) == 0 && length(aws_db_instance.replica) == 0
    error_message = "Proxy or replica are made unasked."
  }
}

run "proxy_and_replica_can_be_had" {
  command = plan

  variables {
    proxy   = true
    replica = true
  }

  assert {
    condition     = aws_db_proxy.this[0].require_tls && aws_db_instance.replica[0].storage_encrypted && !aws_db_instance.replica[0].publicly_accessible
    error_message = "The proxy takes plain connections, or the replica is open."
  }
}

run "bad_input_is_refused" {
  command = plan

  variables {
    engine_version        = "17"
    backup_retention_days = 0
    instance_class        = "t4g.micro"
  }

  expect_failures = [var.engine_version, var.backup_retention_days, var.instance_class]
}
