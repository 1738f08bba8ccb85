"""The main job, unattended, and its proof: onboard two customers over HTTP, wait, look from the outside."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openclaw_site.demo.browser import Browser
from openclaw_site.demo.changed_mail import ChangedMail, change_a_mail
from openclaw_site.demo.evidence import Evidence, customer_state, gather, runs_going
from openclaw_site.demo.stack import Stack
from openclaw_site.demo.walk import DEMO_CUSTOMERS, Onboarded, onboard, sign_in, wait_until
from openclaw_site.demo.work import leads_without_draft

PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class Report:
    """What the run showed. `seconds_to_active` is the slower customer's, from submitting the form.

    The memory is that of all processes together: `peak_rss_mib` counts a page once for each process that shares it,
    `peak_pss_mib` once in all.
    """

    seconds_to_active: float
    peak_rss_mib: float
    peak_pss_mib: float
    customers: list[Evidence]
    changed_mail: ChangedMail

    @property
    def problems(self) -> list[str]:
        """What does not hold, in words; empty when all of it holds."""
        found = [f"{customer.name}: {problem}" for customer in self.customers for problem in customer.problems]
        return found + self.changed_mail.problems

    def as_json(self) -> dict[str, Any]:
        """The report as `--json FILE` writes it."""
        return {
            "seconds_to_active": round(self.seconds_to_active, 2),
            "peak_rss_mib": round(self.peak_rss_mib, 1),
            "peak_pss_mib": round(self.peak_pss_mib, 1),
            "changed_mail": self.changed_mail.as_json(),
            "customers": [customer.as_json() for customer in self.customers],
        }


def run_once(stack: Stack, progress: Callable[[str], None]) -> Report:
    """Do the whole job on a started stack. Raises WalkFailed, FormMissing or httpx.HTTPError where it can't go on."""
    with Browser() as browser:
        sign_in(browser, stack)
        progress("Signed in to the admin")
        onboarded = []
        for customer in DEMO_CUSTOMERS:
            onboarded.append(onboard(browser, stack, customer))
            progress(f"{customer.name}: onboarded in the admin, Gmail connected at Google")
        slowest = max(_wait_active(stack, one, progress) for one in onboarded)
        _wait(stack, lambda: not any(leads_without_draft(stack.world, one.id) for one in onboarded), "for the drafts")
        _wait(stack, lambda: not runs_going(stack.world), "for the agents' runs to end")
        progress("Every lead has a draft")
        first, second = onboarded
        evidence = [
            gather(stack.world, name=one.customer.name, email=one.customer.email, customer_id=one.id, other_id=other.id)
            for one, other in ((first, second), (second, first))
        ]
        changed = change_a_mail(browser, stack, first, progress)
    return Report(slowest, stack.peak_rss_mib, stack.peak_pss_mib, evidence, changed)


def _wait_active(stack: Stack, one: Onboarded, progress: Callable[[str], None]) -> float:
    _wait(stack, lambda: customer_state(stack.world, one.id) == "active", f"for {one.customer.name} to be active")
    seconds = time.monotonic() - one.submitted_at
    progress(f"{one.customer.name}: active {seconds:.1f} s after the form was submitted")
    return seconds


def _wait(stack: Stack, holds: Callable[[], bool], what: str) -> None:
    wait_until(stack, holds, what, PATIENCE_SECONDS)
