"""What a customer's page shows, gathered for the templates."""

from typing import Any

from django.conf import settings

from agents.models import Agent
from agents.selectors import budget_wait, explain, runs_latest
from agents.words import in_short
from agents.workspace.models import Activity, Draft, InboxMessage, Lead
from openclaw_site.admin.certificate import certificate
from openclaw_site.admin.desire_form import wish
from openclaw_site.aws.logs import console_url
from tenants.isolation.context import enter_platform
from tenants.models import Customer, Provisioning
from tenants.onboarding.registry import step_title
from tenants.selectors import provisioning_latest

COUNTED = {
    "Messages": InboxMessage.objects,
    "Leads": Lead.objects,
    "Drafts": Draft.objects,
    "Activities": Activity.objects,
}
WORKING = ("queued", "running", "retrying")


def progress(customer: Customer) -> dict[str, Any]:
    """The newest run: its steps, how far it is, and whether the page should look again."""
    run = provisioning_latest(customer=customer)
    if run is None:
        return {"customer": customer, "run": None}
    records = list(run.steps.all())
    steps = [{"record": step, "title": step_title(step.name)} for step in records]
    done = sum(step.state == "done" for step in records)
    return {
        "customer": customer,
        "run": run,
        "certificate": certificate(run) if run.kind == "offboard" and run.state == "done" else None,
        "steps": steps,
        "done": done,
        "percent": round(100 * done / len(steps)) if steps else 0,
        "live": run.state in WORKING or run.state == "waiting",
        "retryable": run.state in ("failed", "retrying"),
    }


def agents(customer: Customer) -> list[dict[str, Any]]:
    """The three agents with their last runs, explained."""
    latest = runs_latest(customer=customer)
    rows = []
    for agent in Agent.objects.filter(tenant=customer).order_by("role"):
        run = latest.get(agent.role)
        rows.append(
            {
                "agent": agent,
                "run": run,
                "explanation": explain(run) if run else None,
                "used": in_short(run) if run else "",
                "wait": budget_wait(agent=agent),
                "wish": wish(agent),
                "is_open": run is not None and run.state not in run.ENDED,
            }
        )
    return rows


def counts(customer: Customer) -> dict[str, int | None]:
    """How many rows the customer's tables hold; empty while there is no schema. Numbers only, never mail."""
    if not has_schema(customer):
        return {}
    with enter_platform(customer.id):
        return {title: rows.count() for title, rows in COUNTED.items()}


def has_schema(customer: Customer) -> bool:
    """Whether the customer's own tables are there to be counted in."""
    onboardings = Provisioning.objects.filter(tenant=customer, kind="onboard")
    return (
        customer.state not in ("offboarding", "closed")
        and onboardings.filter(steps__name="schema", steps__state="done").exists()
    )


def agents_in_short(customer: Customer) -> str:
    """How the agents stand, for the list: "3/3 proven · 1 running". Of a customer from `customers_with_agents`."""
    total, proofs = customer.agents_total, customer.agents_proofs  # type: ignore[attr-defined]
    if not total:
        return "-" if customer.state in ("offboarding", "closed") else "none yet"
    parts = [f"{len(proofs or {})}/{total} proven", f"{customer.agents_running} running"]  # type: ignore[attr-defined]
    if held_back := customer.agents_held_back:  # type: ignore[attr-defined]
        parts.append(f"{held_back} held back")
    # Broken between the parts only, in a narrow column.
    return " · ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)


def logs_url() -> str:
    """CloudWatch's page of the agents' log group."""
    return console_url(region=settings.AWS_REGION, group=settings.AGENT_LOG_GROUP)
