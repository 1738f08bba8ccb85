mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  domain_name  = "agents.example.com"
  alb_dns_name = "alb.example.com"
  alb_zone_id  = "Z2"
}

run "one_certificate_covers_customers_hosts" {
  command = plan

  variables {
    hosted_zone_id = "Z1"
  }

  assert {
    condition     = aws_acm_certificate.this[0].subject_alternative_names == toset(["*.agents.example.com"])
    error_message = "Customers' hosts have no certificate."
  }

  assert {
    condition     = toset(keys(aws_route53_record.site)) == toset(["agents.example.com", "*.agents.example.com"])
    error_message = "A host has no record."
  }
}

run "an_issued_certificate_is_used_as_it_is" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-1111-1111-1111-111111111111"
  }

  assert {
    condition     = output.certificate_arn == var.certificate_arn && length(aws_route53_record.site) == 0
    error_message = "Another certificate is used, or a record was made in no zone."
  }
}

run "neither_zone_nor_certificate_is_refused" {
  command = plan

  expect_failures = [var.certificate_arn]
}

run "a_host_in_capitals_is_refused" {
  command = plan

  variables {
    domain_name    = "Agents.Example.com"
    hosted_zone_id = "Z1"
  }

  expect_failures = [var.domain_name]
}
