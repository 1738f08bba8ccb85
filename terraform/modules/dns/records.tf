resource "aws_route53_record" "site" {
  for_each = local.in_zone == 1 ? toset([var.domain_name, "*.${var.domain_name}"]) : toset([])
  zone_id  = var.hosted_zone_id
  name     = each.key
  type     = "A"
  alias {
    name                   = var.alb_dns_name
    zone_id                = var.alb_zone_id
    evaluate_target_health = true
  }
}
