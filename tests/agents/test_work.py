"""A scheduled agent is started when there is something to do, and left alone when that is known not to be so."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.runtime.store.leads import Leads
from agents.runtime.store.scope import Scope
from agents.selectors import hindrances, leads_waiting
from agents.services import agents_dispatch
from agents.services.work import agents_look
from agents.workspace.models import Draft, InboxMessage, Lead, MailboxState
from openclaw_site.aws import secrets
from openclaw_site.devstack.world import World
from tenants.gmail.services import connection_check
from tenants.isolation.context import enter_customer
from tenants.models import Customer, CustomerState, GmailConnection, GmailState
from tests.agents.cluster import Cluster
from tests.agents.command_line import run
from tests.agents.factories import MAILBOX, agent_of, make_provisioned_customer

ROLES = ("butler", "scout", "writer")


@pytest.fixture
def customer(aws: World, cluster: Cluster) -> Iterator[Customer]:
    """An active customer whose three scheduled agents are due and have read all of its mail."""
    customer = make_provisioned_customer(aws, state=CustomerState.ACTIVE)
    agent_of(customer)
    due(customer)
    connection_check(customer_id=customer.id)
    history_id = GmailConnection.objects.get(tenant=customer).history_id
    assert history_id.isdigit()
    with enter_customer(customer.id):
        for role in ("butler", "scout"):
            MailboxState.objects.create(tenant_id=customer.id, agent_role=role, history_id=history_id)
    yield customer
    aws.google.gmail_fault = None


def due(customer: Customer) -> None:
    Agent.objects.filter(tenant=customer).update(next_run_at=timezone.now() - timedelta(seconds=1))


def idle(customer: Customer) -> list[str]:
    """Roles whose agents are known to have nothing to do."""
    without = agents_look(Agent.objects.filter(tenant=customer)).idle
    return sorted(Agent.objects.filter(pk__in=without).values_list("role", flat=True))


def write(customer: Customer, model: Any, **fields: Any) -> Any:
    with enter_customer(customer.id):
        return model.objects.create(tenant_id=customer.id, **fields)


def test_without_news_nothing_is_started_and_it_is_looked_at_again_an_interval_later(customer: Customer) -> None:
    done = agents_dispatch()
    assert (done.started, done.refused, done.skipped) == (0, 0, 3)
    assert AgentRun.objects.count() == 0
    for agent in Agent.objects.filter(tenant=customer):
        assert agent.idle_at is not None
        assert agent.next_run_at is not None
        assert 13.4 * 60 < (agent.next_run_at - timezone.now()).total_seconds() < 16.5 * 60
    assert agents_dispatch().skipped == 0  # Nobody is due any more.
    assert run("agents", customer.slug, "--json").json[0]["idle_at"]


def test_a_new_message_starts_its_readers(aws: World, customer: Customer) -> None:
    aws.google.deliver(MAILBOX, sender="Mia <mia@new.example>", subject="A new roof", text="How much is it?")
    done = agents_dispatch()
    assert (done.started, done.skipped) == (2, 1)
    assert sorted(AgentRun.objects.values_list("agent__role", flat=True)) == ["butler", "scout"]


def test_each_role_has_read_for_itself(aws: World, customer: Customer) -> None:
    aws.google.deliver(MAILBOX, sender="Mia <mia@new.example>", subject="A new roof", text="How much is it?")
    connection_check(customer_id=customer.id)
    newest = GmailConnection.objects.get(tenant=customer).history_id
    with enter_customer(customer.id):
        MailboxState.objects.filter(agent_role="butler").update(history_id=newest)
    assert idle(customer) == ["butler", "writer"]


def test_a_lead_without_a_draft_starts_writer(customer: Customer) -> None:
    write(customer, InboxMessage, gmail_id="m1", thread_id="t1", received_at=timezone.now())
    lead = write(customer, Lead, email="mia@new.example", evidence_message_id="m1")
    assert idle(customer) == ["butler", "scout"]
    write(customer, Draft, lead=lead, gmail_thread_id="t1")
    assert idle(customer) == ["butler", "scout", "writer"]


def found_by_writer(aws: World, customer: Customer) -> list[str]:
    """The leads that Writer itself would find."""
    url, path = aws.environment()["DATABASE_ADMIN_URL"], f"-c search_path={customer.schema_name}"
    with psycopg.connect(url, options=path) as connection:
        its = Leads(Scope(connection, customer.id, "writer", uuid.uuid4())).waiting_ids(limit=100)
    with enter_customer(customer.id):
        return sorted(Lead.objects.filter(pk__in=its).values_list("email", flat=True))


def waiting(customer: Customer) -> list[str]:
    """The leads for which Writer would be started."""
    with enter_customer(customer.id):
        return sorted(leads_waiting(customer_id=customer.id).values_list("email", flat=True))


def test_writer_is_not_started_for_what_it_would_not_find(aws: World, customer: Customer) -> None:
    """Each of these leads once kept Writer due for ever."""
    now = timezone.now()
    for number in (1, 2, 3):
        write(customer, InboxMessage, gmail_id=f"m{number}", thread_id=f"t{number}", received_at=now)
    write(customer, Lead, email="gone@new.example", evidence_message_id="erased")
    write(customer, Lead, email="nowhere@new.example")
    other = write(customer, Lead, email="other@new.example", evidence_message_id="m1")
    write(customer, Draft, lead=other, gmail_thread_id="t2")  # In the thread of the next lead's mail.
    write(customer, Lead, email="same-thread@new.example", evidence_message_id="m2")
    write(customer, Lead, email="passed-over@new.example", evidence_message_id="m3", considered_at=now, updated_at=now)
    assert idle(customer) == ["butler", "scout", "writer"]
    assert waiting(customer) == found_by_writer(aws, customer) == []

    with enter_customer(customer.id):
        Lead.objects.filter(email="passed-over@new.example").update(updated_at=now + timedelta(seconds=1))
    write(customer, InboxMessage, gmail_id="m4", thread_id="t4", received_at=now)
    write(customer, Lead, email="mia@new.example", evidence_message_id="m4")
    assert idle(customer) == ["butler", "scout"]
    found = ["mia@new.example", "passed-over@new.example"]  # Of this one, something new is known.
    assert waiting(customer) == found_by_writer(aws, customer) == found


def test_an_agent_that_never_read_is_started(customer: Customer) -> None:
    with enter_customer(customer.id):
        MailboxState.objects.all().delete()
    assert idle(customer) == ["writer"]


def test_an_always_on_agent_is_not_asked(customer: Customer) -> None:
    Agent.objects.filter(tenant=customer).update(desired_state="always_on")
    assert idle(customer) == []


def test_a_mailbox_that_can_not_be_asked_holds_nothing_back(aws: World, customer: Customer) -> None:
    aws.google.gmail_fault = 503
    assert idle(customer) == []
    assert GmailConnection.objects.get(tenant=customer).state == GmailState.CONNECTED


def test_a_lost_consent_is_noticed_before_a_start_is_wasted(aws: World, customer: Customer) -> None:
    aws.google.withdraw(MAILBOX)
    agents_dispatch()
    assert GmailConnection.objects.get(tenant=customer).state == GmailState.NEEDS_RECONNECT
    AgentRun.objects.all().delete()
    due(customer)
    done = agents_dispatch()
    assert (done.started, done.skipped) == (0, 0)  # Nobody is due until the customer has connected Gmail again.
    assert [one.cause for one in hindrances(agent=agent_of(customer))] == ["Gmail must be connected again."]


def test_one_customers_trouble_does_not_hold_up_another(aws: World, customer: Customer) -> None:
    broken = make_provisioned_customer(aws, state=CustomerState.ACTIVE, slug="broken")
    agent_of(broken)
    secrets.put_secret(name=broken.secret_name, value={"not": "a token"}, tags={"TenantID": broken.tenant_hex})
    without = agents_look(Agent.objects.all()).idle
    assert set(Agent.objects.filter(pk__in=without).values_list("tenant_id", flat=True)) == {customer.id}
