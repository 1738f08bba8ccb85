# The one way in. It keeps no access log: addresses here hold links that open something (docs/operations.md, “Request
# log”); the web process writes a line a request without them.

resource "aws_lb" "this" {
  # checkov:skip=CKV_AWS_91:addresses hold links that open something (docs/operations.md, Request log)
  # checkov:skip=CKV2_AWS_76:AWSManagedRulesKnownBadInputsRuleSet is there, in a dynamic block; dev has no firewall
  # checkov:skip=CKV2_AWS_28:by variable: production has a firewall
  # checkov:skip=CKV_AWS_150:by variable, true unless the environment is to be destroyed
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.network.public_subnet_ids
  security_groups            = [var.network.alb_security_group_id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = var.deletion_protection
}

resource "aws_lb_target_group" "web" {
  name                 = "${var.name}-web"
  vpc_id               = var.network.vpc_id
  port                 = local.web_port
  protocol             = "HTTP"
  target_type          = "ip"
  deregistration_delay = 30

  health_check {
    path                = "/healthz"
    matcher             = "200"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

locals {
  web_port = 8000
}
