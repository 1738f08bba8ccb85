"""What the agents made of a customer's mail, looked at from the outside and held against the mail itself.

Asks PostgreSQL and the engine's installed package, none of the product's code. A lead has to name somebody who wrote,
in that person's words; a draft has to answer one of the leads; both have to have come through the tools.
"""

import json
import re
import uuid
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from openclaw_site.devstack import node
from openclaw_site.devstack.google.mailbox import Mail, demo_mailboxes
from openclaw_site.devstack.world import World

_LEADS = "SELECT email, name, company, intent, score FROM {} ORDER BY score DESC, email"
_DRAFTS = "SELECT recipient, subject, body, status FROM {} ORDER BY recipient"
_ACTIVITIES = "SELECT agent_role, kind, data FROM {} ORDER BY created_at"
_USAGE = """
    SELECT agent_role AS role, sum(calls)::int AS calls, sum(input_tokens)::int AS input_tokens,
        sum(output_tokens)::int AS output_tokens, sum(cache_read_tokens)::int AS cache_read_tokens,
        sum(cache_write_tokens)::int AS cache_write_tokens, sum(cost_micro_usd)::int AS cost_micro_usd
    FROM {} GROUP BY agent_role ORDER BY agent_role
"""


@dataclass
class Work:
    """One customer's leads and drafts, the engine's turns that they came from, and what does not hold."""

    leads: list[dict[str, Any]] = field(default_factory=list)
    drafts: list[dict[str, Any]] = field(default_factory=list)
    engine: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def gather_work(world: World, *, customer_id: uuid.UUID, email: str) -> Work:
    """The work for the demo customer with this mailbox."""
    rows = _rows(world, f"t_{customer_id.hex}")
    turns = [row["data"] for row in rows["activities"] if row["kind"] == "engine_ran"]
    called = {(row["agent_role"], row["data"]["tool"]) for row in rows["activities"] if row["kind"] == "tool_called"}
    engine = {
        "version": installed_version(),
        "turns": len(turns),
        "slowest_seconds": max((turn.get("seconds", 0.0) for turn in turns), default=0.0),
        "peak_rss_mib": max((turn.get("peak_rss_mib", 0.0) for turn in turns), default=0.0),
        "usage": rows["model_usage"],
    }
    work = Work(rows["leads"], rows["drafts"], engine)
    mails = [mail for box in demo_mailboxes() if box.email == email for mail in box.messages]
    work.problems = [*_turn_problems(turns, called), *_lead_problems(work.leads, mails), *_draft_problems(work, mails)]
    return work


def leads_without_draft(world: World, customer_id: uuid.UUID) -> int:
    """How many leads nobody has written to yet."""
    with psycopg.connect(world.postgres.url()) as connection:
        schema = f"t_{customer_id.hex}"
        query = sql.SQL("SELECT count(*) FROM {} l WHERE NOT EXISTS (SELECT 1 FROM {} d WHERE d.lead_id = l.id)")
        names = (sql.Identifier(schema, table) for table in ("leads", "drafts"))
        row = connection.execute(query.format(*names)).fetchone()
    return int(row[0]) if row else 0


def installed_version() -> str:
    """The engine's version, by its own package."""
    package = node.script("openclaw", "package.json", folder=node.ENGINE_FOLDER)
    return str(json.loads(package.read_text())["version"])


def _rows(world: World, schema: str) -> dict[str, list[dict[str, Any]]]:
    queries = {"leads": _LEADS, "drafts": _DRAFTS, "activities": _ACTIVITIES, "model_usage": _USAGE}
    with psycopg.connect(world.postgres.url(), row_factory=dict_row) as connection:
        return {
            table: connection.execute(sql.SQL(query).format(sql.Identifier(schema, table))).fetchall()
            for table, query in queries.items()
        }


def _turn_problems(turns: list[dict[str, Any]], called: set[tuple[str, str]]) -> list[str]:
    problems = []
    if any(turn["outcome"] != "ok" for turn in turns):
        problems.append(f"turns of the engine that failed: {[turn['outcome'] for turn in turns]}")
    if {turn["version"] for turn in turns} != {installed_version()}:
        problems.append("the turns were not of the engine that is installed")
    needed = {("butler", "write_brief"), ("scout", "upsert_lead"), ("writer", "save_draft")}
    return problems + [f"{role} never called {tool}" for role, tool in sorted(needed - called)]


def _lead_problems(leads: list[dict[str, Any]], mails: list[Mail]) -> list[str]:
    problems = [] if leads else ["no lead was found"]
    for lead in leads:
        written = [mail for mail in mails if parseaddr(mail.sender)[1].lower() == lead["email"]]
        text = _words(" ".join(f"{mail.sender} {mail.subject} {mail.text}" for mail in written))
        if not all(_words(lead[name]) in text for name in ("name", "intent")):
            problems.append(f"the lead {lead['email']} does not follow from what that person wrote")
    return problems


def _draft_problems(work: Work, mails: list[Mail]) -> list[str]:
    problems = [] if work.drafts else ["no draft was written"]
    leads = {lead["email"] for lead in work.leads}
    subjects = {(parseaddr(mail.sender)[1].lower(), _words(mail.subject)) for mail in mails}
    for draft in work.drafts:
        subject = _words(re.sub(r"^(Re|AW):\s*", "", draft["subject"], flags=re.IGNORECASE))
        if draft["recipient"] not in leads or (draft["recipient"], subject) not in subjects:
            problems.append(f"the draft to {draft['recipient']} answers no mail of a lead")
    return problems


def _words(text: str) -> str:
    return " ".join(text.split()).lower()
