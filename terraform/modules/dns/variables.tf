variable "domain_name" {
  description = "The public site's host; customers are below it, as is admin.<domain>."
  type        = string
  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name is a host name in lower case, as agents.example.com."
  }
}

variable "hosted_zone_id" {
  description = "Route 53 zone that holds the domain; null where DNS is elsewhere, and then certificate_arn is needed."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "An issued ACM certificate for the domain and *.domain, where there is no hosted zone."
  type        = string
  default     = null
  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn is the ARN of a certificate in ACM, in the load balancer's region."
  }
  validation {
    condition     = (var.hosted_zone_id == null) != (var.certificate_arn == null)
    error_message = "Give hosted_zone_id (a certificate is made and proved in that zone) or certificate_arn (an issued one), not both."
  }
}

variable "alb_dns_name" {
  description = "The load balancer that the names lead to."
  type        = string
}

variable "alb_zone_id" {
  description = "The load balancer's own hosted zone."
  type        = string
}
