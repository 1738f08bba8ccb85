"""What the list of customers says of their agents."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent
from tenants.isolation.context import enter_platform
from tenants.models import Customer, Provisioning, ProvisioningStep
from tests.agents.factories import agent_of, make_run
from tests.factories import make_customer

pytestmark = pytest.mark.usefixtures("database", "aws")
PROOFS = dict.fromkeys(("butler", "scout", "writer"), "2026-11-23T10:00:00+00:00")


def onboarded(*, proofs: dict[str, str], **fields: str) -> Customer:
    """A customer with its agents and what its onboarding recorded of their proof of life."""
    customer = make_customer(**fields)
    with enter_platform():
        agent_of(customer)
        run = Provisioning.objects.create(tenant=customer, kind="onboard", state="done")
        ProvisioningStep.objects.create(
            tenant=customer, provisioning=run, position=6, name="proof_of_life", found=proofs, state="done"
        )
    return customer


def test_the_list_says_how_the_agents_stand(staff: Client) -> None:
    running = onboarded(name="Running Ltd", proofs=PROOFS, state="active")
    held = onboarded(name="Held Ltd", proofs=PROOFS, state="degraded")
    onboarded(name="Starting Ltd", proofs={}, state="provisioning")
    make_customer(name="New Ltd")
    make_customer(name="Closed Ltd", state="closed")
    with enter_platform():
        make_run(agent_of(running, "scout"), state="running", task_arn="arn:1")
        for state in ("succeeded", "failed"):
            make_run(agent_of(running, "scout"), state=state)
        Agent.objects.filter(tenant=held, role="writer").update(breaker_reason="3 runs in a row failed.")

    def shown(name: str) -> str:
        page = staff.get("/tenants/customer/", {"q": name})
        (customer,) = page.context["cl"].result_list
        text = page.context["cl"].model_admin.agents(customer)
        assert text in page.content.decode()
        return str(text).replace("\N{NO-BREAK SPACE}", " ")

    assert shown("Running Ltd") == "3/3 proven · 1 running"
    assert shown("Held Ltd") == "3/3 proven · 0 running · 1 held back"
    assert shown("Starting Ltd") == "0/3 proven · 0 running"
    assert shown("New Ltd") == "none yet"
    assert shown("Closed Ltd") == "-"


def test_the_list_costs_the_same_number_of_queries_for_many_agents_and_runs(staff: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get("/tenants/customer/?o=-7").status_code == 200
        return len(captured)

    onboarded(proofs=PROOFS, state="active")
    queries()
    few = queries()
    for _ in range(6):
        customer = onboarded(proofs=PROOFS, state="active")
        with enter_platform():
            for role in PROOFS:
                make_run(agent_of(customer, role), state="running")
    assert queries() == few


def test_canaries_are_named_in_the_list(staff: Client) -> None:
    canary, other = make_customer(name="Canary Ltd"), make_customer(name="Other Ltd")
    for action, canaries in (("canary_selected", [canary]), ("no_canary_selected", [])):
        staff.post("/tenants/customer/", {"action": action, "_selected_action": [str(canary.id)]})
        shown = staff.get("/tenants/customer/", {"is_canary__exact": "1"}).context["cl"].result_list
        assert list(shown) == canaries
    assert other not in canaries
