# Who may talk to whom. `connections` is the whole list: every connection is opened on both sides, from one line each.
# Nothing reaches the agents: no line ends there.

locals {
  groups = {
    alb        = "Load balancer: the one group that the internet reaches"
    backoffice = "Web, worker, provisioner, beat and one-off tasks"
    agents     = "Agents: nothing reaches them"
    egress     = "Proxy that agents reach Google by"
    database   = "PostgreSQL"
    cache      = "Valkey"
    endpoints  = "Interface endpoints of AWS services"
  }

  connections = {
    alb-to-backoffice       = { from = "alb", to = "backoffice", port = 8000 }
    backoffice-to-database  = { from = "backoffice", to = "database", port = 5432 }
    agents-to-database      = { from = "agents", to = "database", port = 5432 }
    backoffice-to-cache     = { from = "backoffice", to = "cache", port = 6379 }
    agents-to-egress        = { from = "agents", to = "egress", port = var.proxy_port }
    agents-to-endpoints     = { from = "agents", to = "endpoints", port = 443 }
    backoffice-to-endpoints = { from = "backoffice", to = "endpoints", port = 443 }
    egress-to-endpoints     = { from = "egress", to = "endpoints", port = 443 }
  }

  # The way out: AWS and Google have no fixed addresses, so these are by port alone.
  internet = merge(
    {
      backoffice-https = { group = "backoffice", port = 443 }
      egress-https     = { group = "egress", port = 443 }
    },
    var.agents_default_route ? { agents-https = { group = "agents", port = 443 } } : {},
  )

  # Image layers come from S3, by its gateway endpoint.
  from_s3 = toset(["agents", "backoffice", "egress"])
}

resource "aws_security_group" "this" {
  # checkov:skip=CKV2_AWS_5:other modules attach them
  for_each    = local.groups
  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "connection" {
  for_each                     = local.connections
  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = each.key
}

resource "aws_vpc_security_group_ingress_rule" "connection" {
  for_each                     = local.connections
  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = each.key
}

# Port 80 answers with a redirect to 443 alone.
resource "aws_vpc_security_group_ingress_rule" "world" {
  # checkov:skip=CKV_AWS_260:the load balancer answers port 80 with a redirect to 443
  for_each          = toset(["80", "443"])
  security_group_id = aws_security_group.this["alb"].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
  description       = "world-to-alb-${each.key}"
}

resource "aws_vpc_security_group_egress_rule" "internet" {
  for_each          = local.internet
  security_group_id = aws_security_group.this[each.value.group].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  description       = each.key
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  for_each          = local.from_s3
  security_group_id = aws_security_group.this[each.key].id
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "${each.key}-to-s3"
}
