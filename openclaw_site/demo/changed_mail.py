"""A lead writes again and wants something else: the lead has to follow, and stay one lead."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from openclaw_site.demo.browser import Browser
from openclaw_site.demo.evidence import runs_going
from openclaw_site.demo.stack import Stack
from openclaw_site.demo.walk import Onboarded, start_agent, wait_until
from openclaw_site.devstack.world import World

PATIENCE_SECONDS = 120
WISH = "We need a price for two more buildings by Friday, and have 96,000 set aside for all five."

_LEAD = "SELECT email, name, intent, score, count(*) OVER ()::int AS leads FROM {} WHERE email = ANY(%s)"


@dataclass(frozen=True)
class ChangedMail:
    """The lead before and after."""

    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def problems(self) -> list[str]:
        """What does not hold, in words."""
        problems = []
        if WISH not in self.after["intent"]:
            problems.append(f"the lead {self.before['email']} did not follow the changed mail")
        if self.after["leads"] != 1:
            problems.append(f"the changed mail made {self.after['leads']} leads of one")
        return problems

    def as_json(self) -> dict[str, Any]:
        """The report's entry."""
        return {"before": self.before, "after": self.after}


def change_a_mail(browser: Browser, stack: Stack, one: Onboarded, progress: Callable[[str], None]) -> ChangedMail:
    """The customer's most promising lead writes again, and Scout is started from its page in the admin."""
    before = _best_lead(stack.world, one.id)
    sender = f"{before['name']} <{before['email']}>"
    stack.world.google.deliver(one.customer.email, sender=sender, subject="One more thing", text=f"Hello,\n\n{WISH}\n")
    start_agent(browser, stack, _scout(stack.world, one.id))
    wait_until(stack, lambda: not runs_going(stack.world), "for Scout to read the changed mail", PATIENCE_SECONDS)
    after = _lead(stack.world, one.id, before["email"])
    progress(f"{one.customer.name}: a lead wrote again, and Scout read it")
    return ChangedMail(before, after)


def _best_lead(world: World, customer_id: uuid.UUID) -> dict[str, Any]:
    query = "SELECT email FROM {} ORDER BY score DESC, email LIMIT 1"
    return _lead(world, customer_id, _one(world, query, customer_id)["email"])


def _lead(world: World, customer_id: uuid.UUID, email: str) -> dict[str, Any]:
    return _one(world, _LEAD, customer_id, [email])


def _one(world: World, query: str, customer_id: uuid.UUID, *values: Any) -> dict[str, Any]:
    table = sql.Identifier(f"t_{customer_id.hex}", "leads")
    with psycopg.connect(world.postgres.url(), row_factory=dict_row) as connection:
        return connection.execute(sql.SQL(query).format(table), values).fetchone() or {}


def _scout(world: World, customer_id: uuid.UUID) -> uuid.UUID:
    with psycopg.connect(world.postgres.url()) as connection:
        query = "SELECT id FROM agents_agent WHERE tenant_id = %s AND role = 'scout'"
        row = connection.execute(query, (customer_id,)).fetchone()
    return uuid.UUID(str(row[0])) if row else uuid.UUID(int=0)
