# Four tiers in each zone. Addresses by tier, from the front of the VPC's block: sixteenths 0-3 agents (one a task, so the
# most), 4-7 back office and proxy, 8-11 load balancer and NAT, 12-15 database and cache.

locals {
  zones = { for index, zone in var.availability_zones : zone => index }
  tiers = { agents = 0, private = 4, public = 8, data = 12 }
}

resource "aws_subnet" "agents" {
  for_each          = local.zones
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr_block, 4, local.tiers.agents + each.value)
  tags              = { Name = "${var.name}-agents-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each          = local.zones
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr_block, 4, local.tiers.private + each.value)
  tags              = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_subnet" "public" {
  for_each                = local.zones
  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr_block, 4, local.tiers.public + each.value)
  map_public_ip_on_launch = false
  tags                    = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_subnet" "data" {
  for_each          = local.zones
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr_block, 4, local.tiers.data + each.value)
  tags              = { Name = "${var.name}-data-${each.key}" }
}
