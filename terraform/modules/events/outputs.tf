output "queue_url" {
  description = "Where the back office receives task events."
  value       = aws_sqs_queue.tasks.id
}

output "queue_arn" {
  description = "The queue of task events."
  value       = aws_sqs_queue.tasks.arn
}

output "queue_name" {
  description = "The queue of task events, as its metrics name it."
  value       = aws_sqs_queue.tasks.name
}

output "dead_letter_queue_arn" {
  description = "Where events wait that could not be read."
  value       = aws_sqs_queue.dead.arn
}

output "dead_letter_queue_name" {
  description = "The dead-letter queue, as its metrics name it."
  value       = aws_sqs_queue.dead.name
}
