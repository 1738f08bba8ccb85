"""Each permission that the process needs, by calls that change nothing (openclaw_site/aws/probes.py)."""

from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings

from openclaw_site.aws import facts, probes
from openclaw_site.aws.errors import AwsError, Unreachable
from openclaw_site.doctor.findings import Finding, ok, problem, skipped, warning
from openclaw_site.doctor.permissions import NOBODY, PROCESSES, Need, needs_of


def probed(process: str) -> Iterator[Finding]:
    """What is refused, what could not be told, and what can't be tried without an effect."""
    if process not in PROCESSES:
        yield skipped("PROCESS says not which process this is.", f"Set it, or pass --process: {', '.join(PROCESSES)}.")
        return
    needs = needs_of(process)
    if not needs:
        yield ok(f"{process.capitalize()} calls nothing at AWS but the cache.")
        return
    tried = [need for need in needs if need.action in probes.PROBES]
    answers, unclear = _answers(tried)
    for need in tried:
        if answers.get(need.action) == probes.Answer.REFUSED:
            yield problem(
                f"{need.action} is refused ({need.why}).",
                f"Terraform gives it to the role of {process}: apply, or see who changed the role.",
            )
    for (what, next_action), actions in unclear.items():
        yield warning(f"It could not be told whether {', '.join(actions)} is allowed: {what}", next_action)
    if allowed := [action for action, answer in answers.items() if answer == probes.Answer.ALLOWED]:
        yield ok(f"{len(allowed)} of the calls that {process} makes are allowed.")
    if untold := [action for action, answer in answers.items() if answer == probes.Answer.UNTOLD]:
        yield skipped(f"Refused for a role that does not exist, which tells nothing of others: {', '.join(untold)}.")
    if untried := [need.action for need in needs if need not in tried]:
        yield skipped(f"Not tried, since a try would have an effect: {', '.join(untried)}.")


Unclear = dict[tuple[str, str], list[str]]


def _answers(needs: list[Need]) -> tuple[dict[str, probes.Answer], Unclear]:
    """By action; and the actions of which nothing could be told, by why and what to do."""
    target = _target()
    answers: dict[str, probes.Answer] = {}
    unclear: Unclear = defaultdict(list)
    away: dict[str, tuple[str, str]] = {}
    for need in needs:
        service = need.action.partition(":")[0]
        if service not in away:
            try:
                answers[need.action] = probes.probe(need.action, target)
                continue
            except Unreachable as error:
                # The next call would wait as long for nothing.
                away[service] = (str(error).removeprefix(f"{need.action}: "), error.next_action)
            except AwsError as error:
                unclear[str(error).removeprefix(f"{need.action}: "), error.next_action].append(need.action)
                continue
        unclear[away[service]].append(need.action)
    return answers, unclear


def _target() -> probes.Target:
    return probes.Target(
        account=facts.seen_by_aws().identity.account,
        region=settings.AWS_REGION,
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
