"""What stands in the emulated CloudWatch."""

from datetime import UTC, datetime, timedelta

from openclaw_site.aws.clients import client


def published(namespace: str) -> dict[str, float]:
    """The highest value of each metric in the last minutes, as `Name` or `Name/dimension's value`."""
    cloudwatch, now = client("cloudwatch"), datetime.now(UTC)
    found = {}
    for metric in cloudwatch.list_metrics(Namespace=namespace)["Metrics"]:
        points = cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=metric["MetricName"],
            Dimensions=metric["Dimensions"],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        label = "/".join([metric["MetricName"], *(one["Value"] for one in metric["Dimensions"])])
        found[label] = max(point["Maximum"] for point in points)
    return found
