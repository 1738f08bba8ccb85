# One page that shows whether the house stands.

locals {
  region = data.aws_region.current.name

  charts = [
    { title = "Waiting Celery messages", metrics = [for queue in ["default", "provisioning"] : [var.metrics_namespace, "QueueLength", "Queue", queue]] },
    { title = "Age of the oldest message, seconds", metrics = [for queue in ["default", "provisioning"] : [var.metrics_namespace, "QueueAgeSeconds", "Queue", queue]] },
    { title = "Agents: open runs, held back", metrics = [[var.metrics_namespace, "AgentRunsOpen"], [var.metrics_namespace, "AgentsFailing"]] },
    { title = "Customers: onboardings that wait, mailboxes to connect again", metrics = [[var.metrics_namespace, "ProvisioningsStuck"], [var.metrics_namespace, "GmailNeedsReconnect"]] },
    { title = "Requests and failures", metrics = [for metric in ["RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"] : ["AWS/ApplicationELB", metric, "LoadBalancer", var.watched.alb_arn_suffix]] },
    { title = "Time of a page, seconds", metrics = [["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.watched.alb_arn_suffix]] },
    { title = "Database: connections, CPU", metrics = [for metric in ["DatabaseConnections", "CPUUtilization"] : ["AWS/RDS", metric, "DBInstanceIdentifier", var.watched.database_instance_id]] },
    { title = "Memory of the services, %", metrics = [for process, service in var.watched.service_names : ["AWS/ECS", "MemoryUtilization", "ClusterName", var.watched.cluster_name, "ServiceName", service]] },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [
      for index, chart in local.charts : {
        type       = "metric"
        x          = (index % 2) * 12
        y          = floor(index / 2) * 6
        width      = 12
        height     = 6
        properties = { title = chart.title, metrics = chart.metrics, region = local.region, stat = "Maximum", period = 60, view = "timeSeries" }
      }
    ]
  })
}
