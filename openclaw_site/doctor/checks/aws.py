"""Who AWS takes this process for, in which region, and whether the clocks agree."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from django.conf import settings

from openclaw_site.aws import facts
from openclaw_site.aws.errors import AwsError
from openclaw_site.doctor.findings import Finding, ok, problem, warning

# AWS refuses signatures that are more than five minutes off.
_SKEW_PROBLEM_SECONDS: Final = 240
_SKEW_WARNING_SECONDS: Final = 30


def identity_and_clock(process: str) -> Iterator[Finding]:
    """One call of STS tells both."""
    try:
        seen = facts.seen_by_aws()
    except AwsError as error:
        yield problem(f"AWS does not know this process: {error}", error.next_action)
        return
    yield ok(f"{seen.identity.arn}, region {settings.AWS_REGION}.")
    if process and seen.identity.role_name is None:
        yield warning(
            "These are credentials of a user, not of a task's role.",
            "In AWS let the task's role give them; on your own machine this is fine.",
        )
    skew = abs((datetime.now(UTC) - seen.at).total_seconds())
    if skew > _SKEW_PROBLEM_SECONDS:
        yield problem(
            f"The clock is {skew:.0f} s off: AWS and Google refuse what it signs.", "Set the machine's clock."
        )
    elif skew > _SKEW_WARNING_SECONDS:
        yield warning(f"The clock is {skew:.0f} s off.", "Let the machine keep time by NTP.")
    else:
        yield ok("The clock agrees with AWS.")
