output "certificate_arn" {
  description = "The issued certificate, ours or the one that was given."
  value       = local.in_zone == 1 ? aws_acm_certificate_validation.this[0].certificate_arn : var.certificate_arn
}
