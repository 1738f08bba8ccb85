output "environment" {
  description = "The back office's environment: names and plain values, the same for every process."
  value       = module.platform.environment
}

output "owner_environment" {
  description = "What the provisioner and one-off tasks are told beside it."
  value       = module.platform.owner_environment
}

output "environments" {
  description = "What each process is told in all, by process."
  value       = module.platform.environments
}

output "secret_arns" {
  description = "Names of the environment that are read from Secrets Manager, each with its secret."
  value       = module.platform.secret_arns
}

output "agent_environment" {
  description = "What the agents' task definitions tell."
  value       = module.platform.agent_environment
}

output "release" {
  description = "What a release needs to know (.github/scripts/release.py)."
  value       = module.platform.release
}

output "alb_dns_name" {
  description = "Where the domain, *.domain and admin.domain lead, for DNS that is kept elsewhere."
  value       = module.platform.alb_dns_name
}

output "repository_urls" {
  description = "Where images are pushed to."
  value       = module.platform.repository_urls
}
