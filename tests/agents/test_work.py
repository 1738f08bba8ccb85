"""A scheduled agent is started when there is something to do, and left alone when that is known not to be so."""

import socket
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from agents.models import Agent, AgentRun, Fleet
from agents.plans import plan_terms
from agents.runtime.store.leads import Leads
from agents.runtime.store.mail import Mail
from agents.runtime.store.scope import Scope
from agents.selectors import agents_due, hindrances, leads_waiting
from agents.services import agent_desire, agents_dispatch, mailboxes
from agents.services.budget import agents_hold
from agents.services.fleet import google_turn
from agents.services.work import agents_look, agents_skip, writer_call
from agents.workspace.models import Draft, InboxMessage, Lead, MailboxState
from openclaw_site.aws import secrets
from openclaw_site.devstack.world import World
from tenants.gmail.services import connection_check
from tenants.isolation.context import enter_customer
from tenants.models import Customer, CustomerState, GmailConnection, GmailState
from tests.agents.cluster import Cluster
from tests.agents.command_line import run
from tests.agents.factories import MAILBOX, agent_of, make_provisioned_customer, make_run

ROLES = ("butler", "scout", "writer")
# A message that waits for nobody.
GONE_OVER = {"sorted_at": timezone.now(), "scouted_at": timezone.now()}


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


def test_stored_mail_that_waits_for_a_role_starts_it_without_any_news(aws: World, customer: Customer) -> None:
    """As after a run that stored the mail and failed before its engine had gone over it."""
    write(customer, InboxMessage, gmail_id="m1", thread_id="t1", received_at=timezone.now(), sorted_at=timezone.now())
    assert idle(customer) == ["butler", "writer"]
    url, path = aws.environment()["DATABASE_ADMIN_URL"], f"-c search_path={customer.schema_name}"
    with psycopg.connect(url, options=path) as connection:
        waits = {
            role: Mail(Scope(connection, customer.id, role, uuid.uuid4())).waiting(limit=9)
            for role in ("butler", "scout")
        }
    assert waits == {"butler": [], "scout": ["m1"]}


def test_a_lead_without_a_draft_starts_writer(customer: Customer) -> None:
    write(customer, InboxMessage, **GONE_OVER, gmail_id="m1", thread_id="t1", received_at=timezone.now())
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
        write(customer, InboxMessage, **GONE_OVER, gmail_id=f"m{number}", thread_id=f"t{number}", received_at=now)
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
    write(customer, InboxMessage, **GONE_OVER, gmail_id="m4", thread_id="t4", received_at=now)
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


def test_a_mailbox_that_can_not_be_asked_holds_no_reader_back(aws: World, customer: Customer) -> None:
    aws.google.gmail_fault = 503
    assert idle(customer) == ["writer"]  # What it has to do, the leads say.
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
    with enter_customer(broken.id):
        for role in ("butler", "scout"):
            MailboxState.objects.create(tenant_id=broken.id, agent_role=role, history_id="1")
    without = Agent.objects.filter(pk__in=agents_look(Agent.objects.all()).idle)
    assert sorted(without.values_list("tenant__slug", "role")) == sorted(
        [(customer.slug, "butler"), (customer.slug, "scout"), (customer.slug, "writer"), ("broken", "writer")]
    )


@pytest.fixture
def silent(customer: Customer) -> Iterator[None]:
    """Google takes the calls for this customer, and does not answer while the test lasts."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as deaf:
        port = deaf.getsockname()[1]
        secret = {**secrets.get_secret(name=customer.secret_name), "token_uri": f"http://127.0.0.1:{port}/token"}
        secrets.put_secret(name=customer.secret_name, value=secret, tags={"TenantID": customer.tenant_hex})
        yield
    for thread in threading.enumerate():
        if thread.name.startswith("mailboxes"):
            thread.join(timeout=20)


def test_who_does_not_answer_in_time_counts_as_having_news(customer: Customer, silent: None) -> None:
    begun = time.monotonic()
    looked = agents_look(Agent.objects.filter(tenant=customer), seconds=0.3)
    assert time.monotonic() - begun < 2
    assert sorted(Agent.objects.filter(pk__in=looked.idle).values_list("role", flat=True)) == ["writer"]


def test_a_round_starts_agents_though_google_does_not_answer(customer: Customer, silent: None) -> None:
    begun = time.monotonic()
    done = agents_dispatch(round_seconds=2.5)
    assert time.monotonic() - begun < 5  # The two calls that hang would have taken five seconds each.
    assert (done.started, done.skipped) == (2, 1)
    assert sorted(AgentRun.objects.values_list("agent__role", flat=True)) == ["butler", "scout"]


def test_nobody_waits_for_google_who_does_not_need_it(customer: Customer, silent: None) -> None:
    write(customer, InboxMessage, **GONE_OVER, gmail_id="m1", thread_id="t1", received_at=timezone.now())
    write(customer, Lead, email="mia@new.example", evidence_message_id="m1")
    Agent.objects.filter(tenant=customer, role="butler").update(desired_state="always_on")
    agents_dispatch(round_seconds=4)
    asked_at = dict(AgentRun.objects.values_list("agent__role", "requested_at"))
    assert asked_at.keys() == {"butler", "scout", "writer"}
    waited = [asked_at["scout"] - asked_at[role] for role in ("butler", "writer")]
    assert min(waited) > timedelta(seconds=1.5)


def test_mailboxes_that_hang_take_no_more_seats_when_they_are_asked_again(
    customer: Customer, silent: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailboxes, "_seats", threading.BoundedSemaphore(1))
    asked: list[uuid.UUID] = []
    prove = mailboxes.connection_prove

    def count(*, customer_id: uuid.UUID) -> GmailState:
        asked.append(customer_id)
        return prove(customer_id=customer_id)

    monkeypatch.setattr(mailboxes, "connection_prove", count)
    for _ in range(3):
        assert mailboxes.history_ids(customer_ids=[customer.id], seconds=0.2) == {}
    assert asked == [customer.id]


def test_one_round_at_a_time_asks_google(aws: World, customer: Customer) -> None:
    aws.google.deliver(MAILBOX, sender="Mia <mia@new.example>", subject="A new roof", text="How much is it?")
    with google_turn(seconds=30) as first:
        assert first
        with google_turn(seconds=30) as second:
            assert not second
        done = agents_dispatch()
        assert (done.started, done.skipped) == (0, 1)  # Writer needs no Google; the others are the first round's.
    assert agents_dispatch().started == 2


def test_a_round_that_died_gives_its_turn_away() -> None:
    Fleet.objects.update(asks_google_until=timezone.now() - timedelta(seconds=1))
    with google_turn(seconds=30) as turn:
        assert turn


def touch(agent: Agent, how: str) -> None:
    """What may happen to an agent between a look at it and what is written because of that."""
    if how == "staff start it":
        make_run(agent, state="running")
    elif how == "staff want it otherwise":
        agent_desire(agent=agent, desired_state="scheduled", interval_minutes=30, actor=None)
    elif how == "Scout calls it":
        write(agent.tenant, InboxMessage, gmail_id="m1", thread_id="t1", received_at=timezone.now())
        write(agent.tenant, Lead, email="mia@new.example", evidence_message_id="m1")
        assert writer_call(customer_id=agent.tenant_id)


@pytest.mark.parametrize("how", ["staff start it", "staff want it otherwise", "Scout calls it"])
def test_what_happens_after_the_look_is_newer_than_the_look(customer: Customer, how: str) -> None:
    seen = agent_of(customer, "writer")
    touch(agent_of(customer, "writer"), how)
    before = Agent.objects.filter(pk=seen.pk).values().get()
    assert agents_skip(agents=[seen]) == 0
    assert agents_hold(agents=[seen], terms=plan_terms()) == 0
    assert Agent.objects.filter(pk=seen.pk).values().get() == before
    if how != "staff start it":
        assert list(agents_due(now=timezone.now()).filter(pk=seen.pk)) == [seen]


def test_a_skip_after_the_month_of_a_spent_budget_leaves_no_word_of_it(customer: Customer) -> None:
    Agent.objects.filter(tenant=customer).update(spent_budget_cents=5_000)
    assert agents_dispatch().skipped == 3
    assert hindrances(agent=agent_of(customer, "writer")) == []


def test_writer_is_called_though_its_month_of_waiting_is_just_over(customer: Customer) -> None:
    writer = agent_of(customer, "writer")
    Agent.objects.filter(pk=writer.pk).update(spent_budget_cents=5_000)
    touch(writer, "Scout calls it")
