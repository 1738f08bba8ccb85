"""Who AWS takes this process for, in which region, and whether the clocks agree."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from django.conf import settings

from openclaw_site.aws import facts
from openclaw_site.aws.errors import AwsError, CredentialsMissing
from openclaw_site.doctor.findings import Finding, ok, problem, warning

# AWS refuses signatures that are more than five minutes off.
_SKEW_PROBLEM_SECONDS: Final = 240
_SKEW_WARNING_SECONDS: Final = 30


def identity_and_clock(process: str) -> Iterator[Finding]:
    """One call of STS tells both; where it is refused, the clock may be why."""
    try:
        seen = facts.seen_by_aws()
    except CredentialsMissing as error:
        skew = _skew_seconds(facts.time_at_aws()) if error.code else 0.0
        if skew > _SKEW_WARNING_SECONDS:
            yield _clock(skew)
        yield problem(f"AWS does not know this process: {error}", error.next_action)
        return
    except AwsError as error:
        yield problem(f"AWS does not know this process: {error}", error.next_action)
        return
    yield ok(f"{seen.identity.arn}, region {settings.AWS_REGION}.")
    if process and seen.identity.role_name is None:
        yield warning(
            "These are credentials of a user, not of a task's role.",
            "In AWS let the task's role give them; on your own machine this is fine.",
        )
    yield _clock(_skew_seconds(seen.at))


def _skew_seconds(at_aws: datetime) -> float:
    return abs((datetime.now(UTC) - at_aws).total_seconds())


def _clock(skew: float) -> Finding:
    if skew > _SKEW_PROBLEM_SECONDS:
        return problem(
            f"The clock is {skew:.0f} s off: AWS and Google refuse what it signs.", "Set the machine's clock."
        )
    if skew > _SKEW_WARNING_SECONDS:
        return warning(f"The clock is {skew:.0f} s off.", "Let the machine keep time by NTP.")
    return ok("The clock agrees with AWS.")
