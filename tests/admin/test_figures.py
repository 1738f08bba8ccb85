"""What runs used and what a month costs, where staff look."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.words import duration, in_short, tokens, usd
from tenants.isolation.context import enter_platform
from tenants.models import Customer, Provisioning, ProvisioningKind, ProvisioningStep
from tests.agents.factories import agent_of, make_run, task_arn
from tests.agents.workspaces import make_customer_with_schema, spend, tell
from tests.factories import make_customer

pytestmark = pytest.mark.usefixtures("database", "aws")

USED = {
    "model_calls": 4,
    "input_tokens": 2_000,
    "output_tokens": 400,
    "cache_read_tokens": 10_000,
    "cache_write_tokens": 1_400,
    "cost_micro_usd": 6_500,
    "engine_seconds": 20,
    "engine_peak_mib": 655,
    "tool_refusals": 3,
}
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def customer() -> Iterator[Customer]:
    """A customer that was onboarded, as far as its page is concerned."""
    with enter_platform():
        customer = make_customer_with_schema(name="Harborline Roofing")
        done = Provisioning.objects.create(tenant=customer, kind=ProvisioningKind.ONBOARD, state="done")
        ProvisioningStep.objects.create(tenant=customer, provisioning=done, name="schema", position=1, state="done")
    yield customer


def run_of(customer: Customer, role: str = "butler", **fields: object) -> AgentRun:
    values = {
        "state": "succeeded",
        "started_at": AT,
        "stopped_at": AT + timedelta(seconds=72),
        "measured_at": AT + timedelta(seconds=73),
        "task_arn": task_arn(),
        **fields,
    }
    with enter_platform():
        return make_run(agent_of(customer, role), **values)


def text_of(staff: Client, address: str) -> str:
    reply = staff.get(address)
    assert reply.status_code == 200, address
    return reply.content.decode()


def page_of(customer: Customer) -> str:
    return f"/tenants/customer/{customer.pk}/change/"


def test_a_run_says_in_every_place_what_it_used(staff: Client, customer: Customer) -> None:
    run = run_of(customer, **USED)
    line = "1 min 12 s; 2,000 tokens in, 400 out; cache: 10,000 read, 1,400 written; 0.0065 USD"
    for address in (
        page_of(customer),
        f"/agents/agent/{run.agent_id}/change/",
        f"/agents/agentrun/{run.pk}/log/",
    ):
        assert line in text_of(staff, address), address
    in_a_line = ("2,000 tokens in, 400 out", "cache: 10,000 read, 1,400 written")
    in_a_column = ("2,000 in", "400 out", "10,000 from cache", "1,400 to cache")
    for address, used in (
        ("/agents/agentrun/", in_a_column),
        (f"/agents/agentrun/{run.pk}/change/", in_a_line),
        (f"/agents/agent/{run.agent_id}/change/", in_a_line),
    ):
        text = text_of(staff, address)
        for words in (*used, "1 min 12 s", "0.0065 USD", "655 MiB", "did its work"):
            assert words in text.replace("\N{NO-BREAK SPACE}", " "), (address, words)
    assert "Tool calls refused: 3." in text_of(staff, f"/agents/agent/{run.agent_id}/change/")


def test_a_run_without_a_model_call_shows_none(staff: Client, customer: Customer) -> None:
    run = run_of(customer)
    for address in (page_of(customer), "/agents/agentrun/", f"/agents/agent/{run.agent_id}/change/"):
        text = text_of(staff, address)
        assert "1 min 12 s" in text
        assert "0 tokens in" not in text
        assert ">0 in" not in text


def test_the_list_of_runs_costs_the_same_number_of_queries_for_many(staff: Client, customer: Customer) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(address).status_code == 200
        return len(captured)

    run = run_of(customer, **USED)
    for address in ("/agents/agentrun/", f"/agents/agent/{run.agent_id}/change/"):
        queries(address)
        few = queries(address)
        for _ in range(5):
            run_of(customer, **USED)
            run_of(make_customer(state="active"), "scout", state="failed", exit_code=72, **USED)
        assert queries(address) == few, address


def test_the_log_of_an_open_run_has_its_figures_so_far(staff: Client, customer: Customer) -> None:
    run = run_of(customer, state="running", started_at=timezone.now(), stopped_at=None, measured_at=None, task_arn="")
    with enter_platform():
        spend(customer, 12_300, run=run)
        tell(run, "tool_refused", tool="send_mail")
    text = text_of(staff, f"/agents/agentrun/{run.pk}/log/")
    assert "1,000 tokens in, 200 out" in text
    assert "0.0123 USD" in text
    assert "Tool calls refused: 1." in text


def test_a_customers_page_sums_its_month_by_role_against_its_budget(staff: Client, customer: Customer) -> None:
    page = page_of(customer)
    assert "Nothing was spent yet." in text_of(staff, page)
    other = make_customer_with_schema()
    with enter_platform():
        scout = make_run(agent_of(customer, "scout"))
        spend(customer, 12_000_000)
        spend(customer, 500_000, run=scout)
        spend(customer, 30_000_000, at=timezone.now().replace(day=1, hour=0, minute=0) - timedelta(minutes=1))
        spend(other, 44_000_000)
    text = text_of(staff, page)
    assert f"Model in {timezone.now():%B}: 12.50 USD of 50.00 USD" in text
    assert 'aria-valuenow="25"' in text
    assert "Butler <strong>12.00 USD</strong> · Scout <strong>0.5000 USD</strong>" in text
    assert "The budget is spent" not in text


def test_a_spent_budget_is_said_on_the_customers_and_the_agents_page(staff: Client, customer: Customer) -> None:
    with enter_platform():
        butler = agent_of(customer)
        spend(customer, 50_000_001)
        until = datetime(2099, 1, 1, 0, 4, tzinfo=UTC)
        Agent.objects.filter(pk=butler.pk).update(spent_budget_cents=5_000, next_run_at=until)
    text = text_of(staff, page_of(customer))
    assert "The budget is spent, so its agents wait. They run again by themselves on 1 " in text
    for address in (page_of(customer), f"/agents/agent/{butler.pk}/change/"):
        text = text_of(staff, address)
        assert "The model budget for December is spent (50.00 USD)." in text, address
        assert "It runs again by itself on 1 January, or as soon as its plan&#x27;s budget is raised." in text, address


def test_a_customer_without_a_schema_or_that_leaves_shows_no_month(staff: Client, customer: Customer) -> None:
    bare = make_customer(state="provisioning")
    assert "Model in " not in text_of(staff, page_of(bare))
    with enter_platform():
        Customer.objects.filter(pk=customer.pk).update(state="offboarding")
    assert "Model in " not in text_of(staff, page_of(customer))


@pytest.mark.parametrize(
    ("micro_usd", "words"),
    [
        (0, "0.00 USD"),
        (99, "0.0001 USD"),
        (999_900, "0.9999 USD"),
        (1_000_000, "1.00 USD"),
        (1234567890, "1,234.57 USD"),
    ],
)
def test_small_sums_are_not_rounded_to_nothing(micro_usd: int, words: str) -> None:
    assert usd(micro_usd) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3_725, "1 h 2 min"), (-5, "0 s")]
)
def test_durations_read_as_people_say_them(seconds: float, words: str) -> None:
    run = AgentRun(started_at=AT, stopped_at=AT + timedelta(seconds=seconds))
    assert duration(run) == words
    assert (tokens(run), in_short(run)) == ("-", words)
    assert in_short(AgentRun()) == ""
