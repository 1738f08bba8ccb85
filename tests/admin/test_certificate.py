"""After closing, the customer's page shows what was found and deleted."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openclaw_site.admin.certificate import said
from openclaw_site.aws.secrets import put_secret
from tenants.isolation.context import enter_platform
from tenants.isolation.policies import protected_tables
from tenants.models import Customer, Provisioning, ProvisioningStep
from tenants.onboarding.steps.database_role import DatabaseRoleStep
from tenants.onboarding.steps.iam_role import IamRoleStep
from tenants.onboarding.steps.schema import SchemaStep
from tenants.onboarding.steps.storage import StoragePrefixStep
from tests.agents.factories import agent_of, make_run
from tests.factories import make_customer
from tests.onboarding.runs import walk

pytestmark = pytest.mark.usefixtures("database", "aws")


def page_of(customer: Customer) -> str:
    return f"/tenants/customer/{customer.id}/change/"


def provisioned(**fields: Any) -> Customer:
    """A customer with everything that closing takes away, and no mail permission at Google."""
    customer = make_customer(**{"state": "active", **fields})
    with enter_platform():
        for step in (SchemaStep(), DatabaseRoleStep(), StoragePrefixStep(), IamRoleStep()):
            step.apply(customer)
        put_secret(name=customer.secret_name, value={"note": "zqx-secret"}, tags={"TenantID": customer.tenant_hex})
        make_run(agent_of(customer), state="succeeded")
    return customer


def close(staff: Client, customer: Customer) -> Provisioning:
    """Staff close the customer, and the machine does its work."""
    staff.post(f"/tenants/customer/{customer.id}/close/", {"subdomain": customer.slug})
    with enter_platform():
        run = customer.provisionings.get(kind="offboard")
        assert walk(run) == "done"
    return run


def test_the_page_of_a_closed_customer_shows_its_certificate(staff: Client) -> None:
    customer = provisioned(name="Harborline <b>")
    run = close(staff, customer)
    text = staff.get(page_of(customer)).content.decode()
    for words in (
        "Closing certificate.",
        customer.tenant_hex,
        "3 agents",
        "records of 1 run",
        f"schema {customer.schema_name}",
        "rows: " + ", ".join(f"{table} 0" for table in protected_tables("t_x")),
        f"prefix {customer.storage_prefix}",
        "1 object version",
        f"secret {customer.secret_name}",
        "The Gmail secret can be restored until",
    ):
        assert words in text, words
    assert text.count(f"role {customer.database_role}") == 2
    with enter_platform():
        step = run.steps.get(name="schema")
        assert f"{step.finished_at:%Y-%m-%d %H:%M:%S}" in text
        until = run.steps.get(name="gmail_secret").found["deletes_at"][:16].replace("T", " ")
    assert f"{until} UTC" in text
    assert "&#x27;: " not in text  # A table, not a dict.
    assert "zqx-secret" not in text
    assert "They are made when Gmail is connected." not in text
    assert "Connect Gmail" not in text
    assert "every 2s" not in text


def test_a_customer_of_whom_there_was_nothing_says_nothing_found(staff: Client) -> None:
    customer = make_customer(state="pending")
    close(staff, customer)
    text = staff.get(page_of(customer)).content.decode()
    assert text.count("nothing found") == 7
    assert "There was no Gmail secret." in text


def test_a_secret_past_its_days_is_gone_for_good(staff: Client) -> None:
    customer = provisioned()
    run = close(staff, customer)
    past = (timezone.now() - timedelta(days=1)).isoformat()
    with enter_platform():
        ProvisioningStep.objects.filter(provisioning=run, name="gmail_secret").update(found={"deletes_at": past})
    assert "could be restored until" in staff.get(page_of(customer)).content.decode()


def test_while_closing_is_under_way_there_is_no_certificate(staff: Client) -> None:
    customer = provisioned()
    staff.post(f"/tenants/customer/{customer.id}/close/", {"subdomain": customer.slug})
    text = staff.get(page_of(customer)).content.decode()
    assert "Closing certificate." not in text
    assert "0 of 7 steps" in text
    assert "every 2s" in text


@pytest.mark.parametrize(
    ("found", "phrases"),
    [
        ({}, []),
        ({"runs": 2, "agents": 1, "strays": 0}, ["1 agent", "records of 2 runs"]),
        ({"agents": 0, "runs": 0, "strays": 2}, ["0 agents", "records of 0 runs", "2 tasks without a record, stopped"]),
        ({"revoked_at_google": True}, ["permission revoked at Google"]),
        ({"outbox_rows": 1}, ["1 token on the way to Secrets Manager"]),
        ({"rows": {}}, ["no rows"]),
        ({"deletes_at": "2026-12-01T10:00:00+00:00"}, ["restorable until 2026-12-01 10:00 UTC"]),
        ({"something_new": "x"}, ["something new: x"]),
    ],
)
def test_what_was_found_is_said_in_words(found: dict[str, Any], phrases: list[str]) -> None:
    assert said(found) == phrases
