"""Reads about a sign-up, as the page that shows its progress needs them."""

import uuid
from dataclasses import dataclass, field
from typing import Final

from tenants.isolation.context import enter_customer
from tenants.members.addresses import portal_url
from tenants.models import Customer, CustomerState, GmailState, Signup, StepState
from tenants.onboarding.registry import step_title
from tenants.selectors import provisioning_latest

# What a customer reads for a step; staff read the step's own title.
_WORDS: Final = {
    "schema": "Your own tables in the database",
    "database_role": "A database login for your agents alone",
    "storage_prefix": "Your own storage",
    "iam_role": "Permissions that end at your data",
    "gmail_secret": "Gmail connected",
    "agents": "Butler, Scout and Writer",
    "proof_of_life": "A first run of each agent",
}
_READY: Final = (CustomerState.ACTIVE, CustomerState.DEGRADED, CustomerState.PAUSED)
_LEAVING: Final = (CustomerState.OFFBOARDING, CustomerState.CLOSED)
_STATES: Final[dict[str, str]] = {
    StepState.DONE: "done",
    StepState.WAITING: "waiting",
    StepState.RUNNING: "under way",
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: what it is, its state in words, and whether it is done."""

    title: str
    state: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sign-up's customer is. Before it is made there are no steps."""

    company: str
    url: str = ""
    steps: list[StepLine] = field(default_factory=list)
    asks_for_gmail: bool = False
    is_ready: bool = False
    is_leaving: bool = False
    is_stuck: bool = False

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def rests(self) -> bool:
        """Whether nothing more will change here by itself."""
        return self.is_ready or self.is_leaving


def has_signed_up(*, customer_id: uuid.UUID) -> bool:
    """Whether the customer came by itself, and not by staff. Platform context."""
    return Signup.objects.filter(customer=customer_id).exists()


def progress_of(*, signup: Signup) -> Progress:
    """How far the customer is. Enters the customer's context itself; ask only for the browser's own sign-up."""
    if signup.customer_id is None:
        return Progress(signup.company)
    with enter_customer(signup.customer_id):
        customer = Customer.objects.select_related("gmail").get(id=signup.customer_id)
        run = provisioning_latest(customer=customer)
        rows = list(run.steps.all()) if run else []
        steps = [
            StepLine(
                _WORDS.get(row.name, step_title(row.name)),
                _STATES.get(row.state, "to come"),
                row.state == StepState.DONE,
            )
            for row in rows
        ]
        return Progress(
            company=customer.name,
            url=portal_url(host=customer.host, path="/login/"),
            steps=steps,
            asks_for_gmail=customer.gmail.state in (GmailState.NOT_CONNECTED, GmailState.NEEDS_RECONNECT),
            is_ready=customer.state in _READY,
            is_leaving=customer.state in _LEAVING,
            is_stuck=any(row.state == StepState.FAILED for row in rows),
        )
