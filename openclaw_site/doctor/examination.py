"""Runs the checks."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import OperationalError

from openclaw_site.aws.errors import AccessDenied, AwsError
from openclaw_site.doctor.checks import aws, cache, database, google, limits, mail, money, permissions, platform
from openclaw_site.doctor.findings import Finding, problem, skipped

logger = logging.getLogger(__name__)

Check = Callable[[str], Iterable[Finding]]


@dataclass(frozen=True)
class Examined:
    """One check and what it found."""

    name: str
    title: str
    findings: tuple[Finding, ...]


# name: (title, check, whether a process looks at it before it starts)
_CHECKS: Final[dict[str, tuple[str, Check, bool]]] = {
    "database": ("PostgreSQL", database.reachable, True),
    "migrations": ("Migrations", database.migrated, True),
    "walls": ("Row-Level Security", database.walls, False),
    "cache": ("Redis", cache.reachable, False),
    "aws": ("AWS identity and clock", aws.identity_and_clock, False),
    "permissions": ("Permissions at AWS", permissions.probed, False),
    "tasks": ("Agents' task definitions", platform.task_definitions, False),
    "network": ("Agents' network", platform.network, False),
    "storage": ("Bucket, queue, log group", platform.stores, False),
    "limits": ("Quotas against customers", limits.against_customers, False),
    "google": ("Google's OAuth client", google.oauth_client, False),
    "mail": ("Mail", mail.sendable, False),
    "invoices": ("Invoices", money.invoices, False),
    "cards": ("Cards", money.cards, False),
    "costs": ("Cost allocation by customer", limits.cost_tag, False),
}


def names() -> list[str]:
    """The checks, in order."""
    return list(_CHECKS)


def examine(*, process: str, only: Iterable[str] = (), at_start: bool = False) -> Iterator[Examined]:
    """Each check's findings, as they come. `process` is the one to look for; `at_start` takes the quick ones alone.

    Changes nothing, so it is safe to repeat. A check that breaks is a problem of its own, named by its exception's
    kind: the text stays out, since it may hold what nobody vetted.
    """
    wanted = set(only)
    for name, (title, check, is_quick) in _CHECKS.items():
        if (wanted and name not in wanted) or (at_start and not is_quick):
            continue
        yield Examined(name, title, tuple(_findings(name, check, process)))


def _findings(name: str, check: Check, process: str) -> Iterator[Finding]:
    try:
        yield from check(process)
    except AccessDenied as error:
        yield skipped(
            f"{error.operation or 'AWS'} is not allowed to this process, so this can't be looked at.",
            "Run doctor as the one-off task, which may.",
        )
    except AwsError as error:
        yield problem(str(error), error.next_action)
    except OperationalError:
        yield problem("PostgreSQL does not answer.", "See what the check `database` says.")
    except Exception as error:
        logger.debug("The check %s broke", name, exc_info=True)
        yield problem(f"The check broke: {type(error).__name__}.", "Run it again with LOG_LEVEL=DEBUG.")
