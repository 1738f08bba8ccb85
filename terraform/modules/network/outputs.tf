output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer and the NAT gateways, one a zone."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "Subnets of the back office and the egress proxy, one a zone."
  value       = [for zone in var.availability_zones : aws_subnet.private[zone].id]
}

output "agent_subnet_ids" {
  description = "Subnets of the agents, one a zone."
  value       = [for zone in var.availability_zones : aws_subnet.agents[zone].id]
}

output "data_subnet_ids" {
  description = "Subnets of database and cache, one a zone; no way out."
  value       = [for zone in var.availability_zones : aws_subnet.data[zone].id]
}

output "security_group_ids" {
  description = "Security group of each part: alb, backoffice, agents, egress, database, cache, endpoints."
  value       = { for part, group in aws_security_group.this : part => group.id }
}
