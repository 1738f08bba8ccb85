"""Each permission that the process needs, by calls that change nothing (openclaw_site/aws/probes.py)."""

from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings

from openclaw_site.aws import probes
from openclaw_site.aws.errors import AwsError
from openclaw_site.doctor.findings import Finding, ok, problem, skipped, warning
from openclaw_site.doctor.permissions import NOBODY, PROCESSES, needs_of


def probed(process: str) -> Iterator[Finding]:
    """What is refused, what could not be told, and what can't be tried without an effect."""
    if process not in PROCESSES:
        yield skipped("PROCESS says not which process this is.", f"Set it, or pass --process: {', '.join(PROCESSES)}.")
        return
    target = probes.Target(
        tenant=NOBODY,
        cluster=settings.ECS_CLUSTER,
        family=f"{settings.ECS_TASK_DEFINITION_PREFIX}-butler",
        subnets=tuple(settings.ECS_SUBNETS),
        log_group=settings.AGENT_LOG_GROUP,
        queue_url=settings.TASK_EVENTS_QUEUE_URL,
        bucket=settings.AGENT_BUCKET,
        boundary_arn=settings.TENANT_BOUNDARY_ARN,
        policy_arn=settings.TENANT_POLICY_ARN,
    )
    allowed: list[str] = []
    untried: list[str] = []
    unclear: dict[str, list[str]] = defaultdict(list)
    for need in needs_of(process):
        if need.action not in probes.PROBES:
            untried.append(need.action)
            continue
        try:
            is_allowed = probes.is_allowed(need.action, target)
        except AwsError as error:
            unclear[str(error)].append(need.action)
            continue
        if is_allowed:
            allowed.append(need.action)
        else:
            yield problem(
                f"{need.action} is refused ({need.why}).",
                f"Terraform gives it to the role of {process}: apply, or see who changed the role.",
            )
    for what, actions in unclear.items():
        yield warning(f"It could not be told whether {', '.join(actions)} is allowed: {what}", "Try again.")
    if allowed:
        yield ok(f"{len(allowed)} of the calls that {process} makes are allowed.")
    if untried:
        yield skipped(f"Not tried, since a try would have an effect: {', '.join(untried)}.")
    if not needs_of(process):
        yield ok(f"{process.capitalize()} calls nothing at AWS but the cache.")
