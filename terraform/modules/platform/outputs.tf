output "environment" {
  description = "The back office's environment: names and plain values, the same for every process."
  value       = local.environment
}

output "owner_environment" {
  description = "What the provisioner and one-off tasks are told beside it."
  value       = local.owner_environment
}

output "environments" {
  description = "What each process is told in all, by process."
  value       = module.backoffice.environments
}

output "secret_arns" {
  description = "Names of the environment that are read from Secrets Manager, each with its secret."
  value       = { for name, secret in module.secret : name => secret.arn }
}

output "agent_environment" {
  description = "What the agents' task definitions tell."
  value       = local.agent_environment
}

output "release" {
  description = "What a release needs to know (.github/scripts/release.py)."
  value = {
    name             = local.name
    region           = local.region
    cluster          = module.cluster.cluster_name
    subnets          = module.network.private_subnet_ids
    security_groups  = [module.network.security_group_ids["backoffice"]]
    repositories     = module.registry.repository_urls
    image_parameters = { for image, parameter in aws_ssm_parameter.image : image => parameter.name }
    log_group        = module.backoffice.log_group_name
    url              = "https://${var.domain_name}"
    tasks            = { for task in ["operator", "bootstrap"] : task => module.backoffice.task_definition_arns[task] }
    agents           = module.agents.task_definition_arns
    services = merge(
      {
        for process, service in module.backoffice.service_names : process => {
          service         = service
          task_definition = module.backoffice.task_definition_arns[process]
          desired_count   = var.backoffice.processes[process].count
        }
      },
      {
        for proxy in module.egress : "egress" => {
          service         = proxy.service_name
          task_definition = proxy.task_definition_arn
          desired_count   = var.egress.count
        }
      },
    )
  }
}

output "alb_dns_name" {
  description = "Where the domain, *.domain and admin.domain lead, for DNS that is kept elsewhere."
  value       = module.backoffice.alb_dns_name
}

output "repository_urls" {
  description = "Where images are pushed to."
  value       = module.registry.repository_urls
}

output "tenant_policy_arn" {
  description = "Attached to each customer's role."
  value       = module.agents.tenant_policy_arn
}

output "task_role_arns" {
  description = "The back office's task roles, by process."
  value       = module.backoffice.task_role_arns
}

output "bucket_name" {
  description = "The agents' bucket."
  value       = module.storage.bucket_name
}
