"""Onboarding a customer: what is accepted, what is refused, what stands afterwards."""

import os
import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from openclaw_site.aws import iam, storage
from tenants.isolation.context import enter_platform
from tenants.isolation.policies import protected_tables
from tenants.isolation.roles import agent_role_exists
from tenants.isolation.schemas import schema_problems
from tenants.models import Customer, CustomerState, Domain, Provisioning, ProvisioningState, StepState
from tenants.onboarding.machine import provisioning_advance
from tenants.services import customer_close, customer_onboard, customer_pause, customer_resume
from tests.onboarding.runs import VALID, open_run

pytestmark = pytest.mark.usefixtures("platform")


def test_a_run_makes_what_its_steps_promise() -> None:
    customer = customer_onboard(**VALID)
    assert customer.state == CustomerState.PENDING
    run = open_run(customer)

    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE

    customer.refresh_from_db()
    assert customer.state == CustomerState.ACTIVE
    assert [(step.name, step.state, step.attempts) for step in run.steps.all()] == [
        ("schema", StepState.DONE, 1),
        ("database_role", StepState.DONE, 1),
        ("storage_prefix", StepState.DONE, 1),
        ("iam_role", StepState.DONE, 1),
    ]
    assert schema_problems(customer_id=customer.id) == []
    assert agent_role_exists(customer_id=customer.id)
    role = iam.find_role(name=customer.database_role)
    assert role is not None
    assert role.tags == {"TenantID": customer.tenant_hex}


def test_a_finished_run_is_not_walked_again() -> None:
    run = open_run(customer_onboard(**VALID))
    provisioning_advance(run_id=run.id)
    assert provisioning_advance(run_id=run.id) is None


def test_each_step_twice_ends_in_the_same_state() -> None:
    customer = customer_onboard(**VALID)
    run = open_run(customer)
    provisioning_advance(run_id=run.id)
    Provisioning.objects.filter(id=run.id).update(state="queued")
    run.steps.update(state="pending")
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE
    assert schema_problems(customer_id=customer.id) == []


def test_double_submit_makes_one_customer() -> None:
    customer_id = uuid.uuid4()
    first = customer_onboard(**VALID, customer_id=customer_id)
    second = customer_onboard(**VALID, customer_id=customer_id)
    assert first == second
    assert Customer.objects.count() == 1
    assert Provisioning.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("slug", "admin", "reserved"),
        ("slug", "Ümlaut", "lower-case letters"),
        ("slug", "-x", "lower-case letters"),
        ("slug", "xn--80ak6aa92e", "third and fourth"),
        ("slug", "a" * 64, "63"),
        ("email", "not an address", "valid email"),
        ("plan", "platinum", "no plan"),
        ("region", "moon-1", "no region"),
        ("name", "   ", "blank"),
        ("name", "two\u202elines", "invisible"),
        ("name", "n" * 201, "200"),
    ],
)
def test_bad_input_is_refused_with_its_field(field: str, value: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        customer_onboard(**{**VALID, field: value})
    assert list(refused.value.message_dict) == [field]
    assert words in " ".join(refused.value.message_dict[field])
    assert Customer.objects.count() == 0


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        customer_onboard(**{**VALID, "slug": "www", "email": "@", "plan": "", "region": "x"})
    assert sorted(refused.value.message_dict) == ["email", "plan", "region", "slug"]


@pytest.mark.parametrize("same_submit", [True, False])
def test_of_submits_at_the_same_moment_one_makes_a_customer(same_submit: bool) -> None:
    customer_id = uuid.uuid4() if same_submit else None
    start = threading.Barrier(4)
    made: list[Customer] = []
    refused: list[list[str]] = []

    def submit() -> None:
        with enter_platform():
            connections["default"].ensure_connection()
            start.wait()
            try:
                made.append(customer_onboard(**VALID, customer_id=customer_id))
            except ValidationError as error:
                refused.append(list(error.message_dict))
        connections["default"].close()

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Customer.objects.count() == Provisioning.objects.count() == 1
    if same_submit:
        assert ({one.id for one in made}, len(made), refused) == ({customer_id}, 4, [])
    else:
        assert (len(made), refused) == (1, [["slug"]] * 3)


def test_taken_subdomain_is_refused() -> None:
    customer_onboard(**VALID)
    with pytest.raises(ValidationError) as refused:
        customer_onboard(**{**VALID, "name": "Another"})
    assert list(refused.value.message_dict) == ["slug"]


@pytest.mark.parametrize(
    "name", ['O\'Brien & "Sons"; DROP SCHEMA public;--', "株式会社 未来", "Ærøskøbing 🚢", "n" * 200]
)
def test_unusual_names_are_welcome(name: str) -> None:
    customer = customer_onboard(**{**VALID, "name": name})
    assert provisioning_advance(run_id=open_run(customer).id) == ProvisioningState.DONE
    customer.refresh_from_db()
    assert customer.name == name


def test_pause_and_resume() -> None:
    customer = customer_onboard(**VALID)
    provisioning_advance(run_id=open_run(customer).id)
    customer_pause(customer=customer, actor=None)
    assert customer.state == CustomerState.PAUSED
    customer_pause(customer=customer, actor=None)
    customer_resume(customer=customer, actor=None)
    assert (customer.state, customer.paused_at) == (CustomerState.ACTIVE, None)


def test_closing_takes_everything_away() -> None:
    customer = customer_onboard(**VALID)
    provisioning_advance(run_id=open_run(customer).id)

    run = customer_close(customer=customer, actor=None)
    assert customer_close(customer=customer, actor=None) == run
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE

    customer.refresh_from_db()
    assert customer.state == CustomerState.CLOSED
    assert Domain.objects.filter(tenant=customer).count() == 0
    assert schema_problems(customer_id=customer.id) != []
    assert not agent_role_exists(customer_id=customer.id)
    assert iam.find_role(name=customer.database_role) is None
    assert not storage.prefix_exists(bucket=os.environ["AGENT_BUCKET"], prefix=customer.storage_prefix)
    found = {step.name: step.found for step in run.steps.all()}
    assert found["schema"]["rows"] == dict.fromkeys(protected_tables("t_x"), 0)
    assert found["iam_role"] == {"role": customer.database_role}


def test_closing_a_customer_that_was_never_provisioned() -> None:
    customer = customer_onboard(**VALID)
    run = customer_close(customer=customer, actor=None)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE
    assert {step.name: step.found for step in run.steps.all()} == {
        "iam_role": {}, "storage_prefix": {}, "database_role": {}, "schema": {},
    }  # fmt: skip
