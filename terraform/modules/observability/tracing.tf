# How much of what the collectors send is recorded, and the view of it. Pages that fail or are slow can be looked for.

resource "aws_xray_sampling_rule" "this" {
  count          = var.emulated ? 0 : 1
  rule_name      = var.name
  priority       = 1000
  version        = 1
  reservoir_size = 1
  fixed_rate     = var.trace_rate
  service_name   = "${var.name}-*"
  service_type   = "*"
  host           = "*"
  http_method    = "*"
  url_path       = "*"
  resource_arn   = "*"
}

resource "aws_xray_group" "trouble" {
  count             = var.emulated ? 0 : 1
  group_name        = "${var.name}-trouble"
  filter_expression = "fault OR error OR responsetime > 3"
}
