mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name                 = "openclaw-test"
  role_path            = "/openclaw/test/"
  availability_zones   = ["eu-central-1a", "eu-central-1b"]
  agents_default_route = true
}

run "as_it_is" {
  command = plan

  # No subnet gives out public addresses.
  assert {
    condition = alltrue([
      for subnet in concat(values(aws_subnet.agents), values(aws_subnet.private), values(aws_subnet.public), values(aws_subnet.data)) : subnet.map_public_ip_on_launch != true
    ])
    error_message = "A subnet gives its tasks public addresses."
  }

  # Subnets do not overlap.
  assert {
    condition = length(distinct([
      for subnet in concat(values(aws_subnet.agents), values(aws_subnet.private), values(aws_subnet.public), values(aws_subnet.data)) : subnet.cidr_block
    ])) == 8
    error_message = "Two subnets have the same addresses."
  }

  # Nothing reaches the agents.
  assert {
    condition     = alltrue([for rule in values(local.connections) : rule.to != "agents"])
    error_message = "A connection ends at the agents."
  }

  assert {
    condition     = toset([for rule in values(aws_vpc_security_group_ingress_rule.world) : rule.from_port]) == toset([80, 443])
    error_message = "The world reaches more than the load balancer's two ports."
  }

  assert {
    condition     = alltrue([for rule in values(aws_vpc_security_group_ingress_rule.connection) : rule.cidr_ipv4 == null && rule.from_port == rule.to_port])
    error_message = "A connection inside is open to addresses, or to a range of ports."
  }

  # The default group is closed.
  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "The VPC's default group lets something through."
  }

  # Data has no way out.
  assert {
    condition     = alltrue([for route in concat(values(aws_route.private_nat), values(aws_route.agents_nat)) : route.destination_cidr_block == "0.0.0.0/0"]) && length([for rule in values(local.internet) : rule if contains(["database", "cache"], rule.group)]) == 0
    error_message = "Database or cache may go to the internet."
  }
}

run "the_wall_takes_the_agents_way_out" {
  command = plan

  variables {
    agents_default_route = false
    interface_endpoints  = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sts"]
  }

  assert {
    condition     = length(aws_route.agents_nat) == 0
    error_message = "Agents have a default route behind the wall."
  }

  assert {
    condition     = !contains(keys(aws_vpc_security_group_egress_rule.internet), "agents-https")
    error_message = "Agents may go to the internet behind the wall."
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 5
    error_message = "An endpoint is missing."
  }
}

run "one_gateway_a_zone_where_asked" {
  command = plan

  variables {
    nat_gateway_count = 2
  }

  assert {
    condition     = local.gateway_of == { "eu-central-1a" = 0, "eu-central-1b" = 1 }
    error_message = "A zone goes out by another zone's gateway."
  }
}

run "bad_input_is_refused" {
  command = plan

  variables {
    agents_default_route = false
    cidr_block           = "10.0.0.0/28"
    nat_gateway_count    = 0
  }

  expect_failures = [var.interface_endpoints, var.cidr_block, var.nat_gateway_count]
}

run "one_zone_is_refused" {
  command = plan

  variables {
    availability_zones = ["eu-central-1a"]
  }

  expect_failures = [var.availability_zones]
}
