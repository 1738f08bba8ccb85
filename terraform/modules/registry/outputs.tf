output "repository_urls" {
  description = "Where an image is pushed to, by image: backoffice, agent, egress."
  value       = { for image, repository in aws_ecr_repository.this : image => repository.repository_url }
}

output "repository_arns" {
  description = "The repositories, by image."
  value       = { for image, repository in aws_ecr_repository.this : image => repository.arn }
}
