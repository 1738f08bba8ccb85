# Statements are never logged with their values: they hold mail. Slow ones show in pg_stat_statements, without values.

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "postgres18"
  description = "TLS alone; statistics of statements; no statement in the log"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"                       = "1"
      "pg_stat_statements.track"            = "top"
      "log_statement"                       = "none"
      "log_min_duration_statement"          = "-1"
      "log_min_error_statement"             = "panic"
      "log_error_verbosity"                 = "terse"
      "log_connections"                     = "1"
      "log_disconnections"                  = "1"
      "idle_in_transaction_session_timeout" = "300000"
    }
    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  # Read at the start of the server only.
  parameter {
    name         = "shared_preload_libraries"
    value        = "pg_stat_statements"
    apply_method = "pending-reboot"
  }

  lifecycle {
    create_before_destroy = true
  }
}
