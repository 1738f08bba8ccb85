mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name              = "openclaw-test"
  subnet_ids        = ["subnet-a", "subnet-b"]
  security_group_id = "sg-cache"
  node_type         = "cache.t4g.micro"
}

run "as_it_is" {
  command = plan

  # Nobody has a password.
  assert {
    condition     = aws_elasticache_user.backoffice.authentication_mode[0].type == "iam" && aws_elasticache_user.backoffice.user_id == aws_elasticache_user.backoffice.user_name
    error_message = "The user logs in by other means than IAM, or its two names differ, which IAM log-in refuses."
  }

  assert {
    condition     = aws_elasticache_user_group.this.user_ids == toset([aws_elasticache_user.backoffice.user_id])
    error_message = "Somebody else is in the group."
  }

  # It is encrypted and drops nothing.
  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_mode == "required" && aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true"
    error_message = "Plain connections are taken, or snapshots are not encrypted."
  }

  assert {
    condition     = { for parameter in aws_elasticache_parameter_group.this.parameter : parameter.name => parameter.value }["maxmemory-policy"] == "noeviction"
    error_message = "A full broker would drop tasks."
  }
}

run "with_a_replica_it_fails_over" {
  command = plan

  variables {
    replicas = 1
  }

  assert {
    condition     = aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.num_cache_clusters == 2
    error_message = "A failed primary would not be replaced."
  }
}

run "a_class_of_another_kind_is_refused" {
  command = plan

  variables {
    node_type = "db.t4g.micro"
  }

  expect_failures = [var.node_type]
}
