# The view of what the collectors send. How much is sent the processes decide (OTEL_TRACES_SAMPLER_ARG).

resource "aws_xray_group" "trouble" {
  count             = var.emulated ? 0 : 1
  group_name        = "${var.name}-trouble"
  filter_expression = "fault OR error OR responsetime > 3"
}
