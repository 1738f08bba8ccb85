"""Where a run's log lines are, and the last of them. Needs no context: it asks AWS only.

Source of the stream's name: Amazon ECS developer guide, "Using the awslogs log driver", option
`awslogs-stream-prefix`: `<prefix>/<container name>/<task id>`. Terraform gives the role as prefix.
"""

from django.conf import settings

from agents.models import AgentRun
from openclaw_site.aws import logs


def log_stream(run: AgentRun) -> str | None:
    """The CloudWatch stream of the run's task in settings.AGENT_LOG_GROUP, or None while it has no task."""
    if not run.task_arn:
        return None
    role = run.agent.role
    return f"{role}/openclaw-{role}/{run.task_arn.rsplit('/', 1)[-1]}"


def log_url(run: AgentRun) -> str | None:
    """The AWS console's page of that stream, or None while the run has no task."""
    stream = log_stream(run)
    if stream is None:
        return None
    return logs.console_url(region=settings.AWS_REGION, group=settings.AGENT_LOG_GROUP, stream=stream)


def log_tail(run: AgentRun, *, maximum: int) -> list[logs.LogLine]:
    """The last lines of the run, at most `maximum`, oldest first; empty while it has no task or wrote nothing.

    Raises AwsError.
    """
    stream = log_stream(run)
    if stream is None:
        return []
    return list(logs.read_last_lines(group=settings.AGENT_LOG_GROUP, stream=stream, maximum=maximum))
