"""An owner closes the account on its own host while it is set up: all goes, and the host says so afterwards."""

from typing import Any

import pytest
from django.test import Client
from django.utils.module_loading import import_string

from tenants.isolation.schemas import schema_exists
from tenants.models import Customer, Membership, Provisioning, ProvisioningState
from tenants.onboarding.machine import provisioning_advance
from tests.factories import make_user
from tests.onboarding.runs import FIRST_FOUR, onboard, walk
from tests.portal.visitors import Visitor

pytestmark = pytest.mark.usefixtures("platform")


def walk_part(run: Provisioning, steps_done: int) -> None:
    """The run's worker did so many steps, and then nothing was heard of it."""
    if steps_done == len(FIRST_FOUR):
        assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE
        return
    for name in FIRST_FOUR[:steps_done]:
        step = import_string(name)()
        step.apply(run.tenant)
        run.steps.filter(name=step.name).update(state="done")


def text_of(reply: Any) -> str:
    return str(reply.content.decode())


@pytest.mark.parametrize("steps_done", [0, 2, 4])
def test_closing_in_the_middle_of_the_setup_takes_everything_away(steps_done: int) -> None:
    customer, run = onboard()
    walk_part(run, steps_done)
    anna, visitor = make_user(), Visitor()
    Membership.objects.create(tenant=customer, user=anna, role="owner")
    visitor.sign_in(customer, anna.email)
    client = visitor.on(customer.host)
    assert ("is being set up" in text_of(client.get("/"))) == (steps_done == 0)
    assert client.post("/account/close/", {"subdomain": customer.slug.upper()}).status_code == 302
    assert Customer.objects.get(id=customer.id).state == "offboarding"
    for path in ("/", "/team/", "/account/", "/leads/"):
        assert "is being closed" in text_of(client.get(path)), path
    assert "is being closed" in text_of(client.post("/account/close/", {"subdomain": customer.slug}))
    closing = Provisioning.objects.get(tenant=customer, kind="offboard")
    assert closing.requested_by == anna
    assert walk(closing) == ProvisioningState.DONE
    assert not schema_exists(schema=customer.schema_name)
    for path in ("/", "/login/", "/leads/"):
        reply = client.get(path)
        assert reply.status_code == 410
        assert "This account is closed" in text_of(reply)
    assert Client(headers={"host": "nobody.localhost"}).get("/").status_code == 404
