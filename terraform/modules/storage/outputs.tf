output "bucket_name" {
  description = "The agents' bucket."
  value       = aws_s3_bucket.this.id
}

output "bucket_arn" {
  description = "The agents' bucket."
  value       = aws_s3_bucket.this.arn
}

output "kms_key_arn" {
  description = "Key of the bucket's objects; used through S3 alone."
  value       = module.key.arn
}
