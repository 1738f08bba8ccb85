# Who may log in. A Valkey user group needs no user called default; only this one is in it. It may do everything but
# what looks into the server itself.

resource "aws_elasticache_user" "backoffice" {
  user_id       = "${var.name}-backoffice"
  user_name     = "${var.name}-backoffice"
  engine        = "valkey"
  access_string = "on ~* &* +@all -@dangerous +info +keys"

  # ElastiCache wants both names alike for log-in by IAM.
  authentication_mode {
    type = "iam"
  }
}

resource "aws_elasticache_user_group" "this" {
  engine        = "valkey"
  user_group_id = var.name
  user_ids      = [aws_elasticache_user.backoffice.user_id]
}
