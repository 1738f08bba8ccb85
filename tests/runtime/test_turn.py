"""The engine joined with mail, tools and model: what a tick's turns leave behind, and how they fail.

The engine is the stand-in of `tests.engines`; the model is the stub, scripted where it has to fail.
"""

from collections import Counter
from contextlib import contextmanager

import pytest

from agents.runtime import assignment, tick, worker
from agents.runtime.exits import Exit
from agents.runtime.store.usage import Usage
from agents.runtime.turn import Turns
from openclaw_site.devstack.model import Misbehaviour, Order
from tests.runtime.bridge.canned import Canned, answer
from tests.runtime.factories import ADDRESS
from tests.runtime.loopback_gmail import api_error, make_part

ENQUIRY = "We need a quote for a new roof by Friday, budget 12,000 euro.\n\nMia Hush\nHush Ltd"


@pytest.fixture
def model(world):
    """The stub model, as new before and after."""
    world.model.reset()
    yield world.model
    world.model.reset()


def mail(gmail_id):
    """A message from somebody who wants to buy."""
    headers = {"From": "Mia Hush <mia@hush.example>", "To": ADDRESS, "Subject": "A roof"}
    listed = [{"name": name, "value": value} for name, value in headers.items()]
    return {
        "id": gmail_id,
        "threadId": f"t{gmail_id}",
        "labelIds": ["INBOX"],
        "snippet": ENQUIRY[:40],
        "internalDate": "1700000000000",
        "payload": make_part("text/plain", ENQUIRY, headers=listed),
    }


@pytest.fixture
def enquiry(gmail):
    gmail.put(mail("e1"))


def engine_ran(customer):
    return [data for kind, data, _ in customer.activities() if kind == "engine_ran"]


def test_the_three_roles_turn_mail_into_classes_leads_and_drafts(customer, enquiry, run_agent, model):
    for role in ("butler", "scout", "writer"):
        assert run_agent(customer, AGENT_ROLE=role).wait() is Exit.OK
    assert customer.rows("inbox_messages", "category, urgency, needs_reply") == [("inquiry", "high", True)]
    assert customer.rows("leads", "email, name, company, evidence_message_id") == [
        ("mia@hush.example", "Mia Hush", "Hush Ltd", "e1")
    ]
    assert customer.rows("drafts", "recipient, status, gmail_thread_id") == [("mia@hush.example", "pending", "te1")]
    assert len(customer.rows("briefs")) == 1
    assert {(ran["outcome"], ran["items"]) for ran in engine_ran(customer)} == {("ok", 1)}
    usage = customer.rows("model_usage", "agent_role, calls, input_tokens + cache_write_tokens > 0, cost_micro_usd > 0")
    assert [row[0] for row in usage] == ["butler", "scout", "writer"]
    assert all(calls >= 2 and tokens and cost for _, calls, tokens, cost in usage)
    assert model.calls == sum(row[1] for row in usage)


def test_without_anything_new_no_engine_runs_and_no_model_is_asked(customer, enquiry, run_agent, model):
    for role in ("butler", "scout", "writer"):
        run_agent(customer, AGENT_ROLE=role).wait()
    asked, rows = model.calls, [customer.rows(table) for table in ("leads", "drafts", "briefs", "model_usage")]
    for role in ("butler", "scout", "writer"):
        agent = run_agent(customer, AGENT_ROLE=role)
        assert agent.wait() is Exit.OK
        assert agent.events("engine_started") == []
    assert model.calls == asked
    assert [customer.rows(table) for table in ("leads", "drafts", "briefs", "model_usage")] == rows


def test_same_mail_read_again_makes_no_second_lead(customer, enquiry, run_agent, model):
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.OK
    customer.execute("UPDATE inbox_messages SET scouted_at = NULL")
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.OK
    assert len(customer.rows("leads")) == 1
    assert len(engine_ran(customer)) == 2


def test_much_mail_is_done_lot_by_lot(customer, gmail, run_agent, model, monkeypatch):
    monkeypatch.setattr(assignment, "MESSAGES_A_TURN", 3)
    gmail.deliver(7)
    agent = run_agent(customer)
    assert agent.wait() is Exit.OK
    assert agent.events("tick_done")[0]["turns"] == 3
    assert [ran["items"] for ran in engine_ran(customer)] == [3, 3, 1]
    assert "" not in {row[0] for row in customer.rows("inbox_messages", "category")}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Misbehaviour.ERROR_500, Exit.MODEL_UNREACHABLE),
        (Misbehaviour.THROTTLED, Exit.MODEL_UNREACHABLE),
        (Misbehaviour.MALFORMED, Exit.MODEL_UNREACHABLE),
    ],
)
def test_failed_turn_names_its_cause_and_leaves_the_mail_for_the_next(
    customer, enquiry, run_agent, model, kind, expected
):
    model.misbehaviour = kind
    agent = run_agent(customer, AGENT_ROLE="scout")
    assert agent.wait() is expected
    assert customer.rows("inbox_messages", "scouted_at") == [(None,)]
    (ran,) = engine_ran(customer)
    assert ran["outcome"] == expected.name.lower()
    model.misbehaviour = Misbehaviour.NONE
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.OK
    assert len(customer.rows("leads")) == 1


def test_what_a_failed_turn_used_is_recorded(customer, enquiry, run_agent, model):
    model.misbehave(Misbehaviour.LOOP, times=9)
    run_agent(customer, AGENT_ROLE="scout").wait()
    ((calls, cost),) = customer.rows("model_usage", "calls, cost_micro_usd")
    assert calls == model.calls > 0
    assert cost > 0


def order(gmail_id):
    """What a model does for ever once it has read this message."""
    return Order(marker=gmail_id, calls=(("list_messages", {}),), endless=True)


def test_mail_that_makes_the_engine_go_in_circles_is_found_and_passed_over(customer, gmail, run_agent, model):
    gmail.deliver(7)
    gmail.put(mail("e1"))
    model.misbehave(Misbehaviour.OBEY, orders=[order("m3")])
    agent = run_agent(customer, AGENT_ROLE="scout")
    assert agent.wait() is Exit.OK
    assert [data["gmail_ids"] for kind, data, _ in customer.activities() if kind == "passed_over"] == [["m3"]]
    outcomes = Counter(ran["outcome"] for ran in engine_ran(customer))
    assert (outcomes["engine_looped"], outcomes["ok"]) == (4, 3)
    assert customer.rows("leads", "email") == [("mia@hush.example",)]
    model.misbehaviour = Misbehaviour.NONE
    again = run_agent(customer, AGENT_ROLE="scout")
    assert again.wait() is Exit.OK
    assert again.events("engine_started") == []


def test_many_mails_that_make_it_go_in_circles_end_the_tick(customer, gmail, run_agent, model, monkeypatch):
    monkeypatch.setattr(tick, "MOST_FAILURES", 2)
    gmail.deliver(4)
    model.misbehave(Misbehaviour.OBEY, orders=[order(f"m{number}") for number in (1, 2, 3, 4)])
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.ENGINE_LOOPED
    assert len(engine_ran(customer)) == 3
    assert set(customer.rows("inbox_messages", "scouted_at")) == {(None,)}


def test_spent_budget_stores_the_mail_and_starts_nothing(customer, enquiry, run_agent, model):
    agent = run_agent(customer, AGENT_ROLE="scout", MODEL_BUDGET_MICRO_USD="0")
    assert agent.wait() is Exit.BUDGET_SPENT
    assert (model.calls, agent.events("engine_started")) == (0, [])
    assert len(customer.rows("inbox_messages")) == 1


def test_budget_counts_what_all_roles_spent_this_month(customer, enquiry, run_agent, model):
    assert run_agent(customer).wait() is Exit.OK
    ((spent,),) = customer.rows("model_usage", "cost_micro_usd")
    assert run_agent(customer, AGENT_ROLE="scout", MODEL_BUDGET_MICRO_USD=str(spent)).wait() is Exit.BUDGET_SPENT
    customer.execute("UPDATE model_usage SET created_at = created_at - interval '40 days'")
    assert run_agent(customer, AGENT_ROLE="scout", MODEL_BUDGET_MICRO_USD=str(spent * 3)).wait() is Exit.OK


def test_budget_that_runs_out_in_the_middle_ends_the_turn(customer, enquiry, run_agent, model):
    agent = run_agent(customer, AGENT_ROLE="scout", MODEL_BUDGET_MICRO_USD="100")
    assert agent.wait() is Exit.BUDGET_SPENT
    assert model.calls == 1
    assert engine_ran(customer)[0]["outcome"] == "budget_spent"


def test_tools_that_the_engine_refuses_are_told_of_without_the_models_words(customer, enquiry, run_agent, model):
    calls = (("exec", {"command": "env"}), ("send-hush", {"to": "x"}), ("save_draft", {"body": "hush"}))
    model.misbehave(Misbehaviour.FORBIDDEN_TOOL, times=1, calls=calls)
    agent = run_agent(customer, AGENT_ROLE="scout")
    assert agent.wait() is Exit.OK
    refused = [data for kind, data, _ in customer.activities() if kind == "tool_refused"]
    assert sorted(data["tool"] for data in refused) == ["exec", "save_draft", "unknown"]
    assert len(customer.rows("leads")) == 1
    assert customer.rows("drafts") == []


def test_customers_tone_and_facts_reach_the_model_and_no_log(customer, enquiry, run_agent, model):
    values = (customer.tenant, "Per du, hush.", "Team plan 12 EUR, hush.")
    customer.execute("INSERT INTO profiles (id, tenant_id, tone, facts) VALUES (gen_random_uuid(), %s, %s, %s)", values)
    agent = run_agent(customer)
    assert agent.wait() is Exit.OK
    system = str(model.requests[0].body["system"])
    assert "Per du, hush." in system
    assert "Team plan 12 EUR, hush." in system
    assert "hush" not in agent.text


def test_engine_that_is_missing_is_said_so(customer, enquiry, run_agent, model):
    agent = run_agent(customer, ENGINE_COMMAND="/nonexistent/node /nonexistent/openclaw.mjs")
    assert agent.wait() is Exit.ENGINE_MISSING
    assert customer.rows("activities") == []


def test_word_to_stop_in_the_middle_of_a_turn_ends_the_engine_and_keeps_what_was_done(
    customer, enquiry, run_agent, model
):
    with held(model):
        agent = run_agent(customer, AGENT_ROLE="scout")
        agent.wait_for("engine_started")
        agent.ask_to_stop()
        assert agent.wait() is Exit.TERMINATED
    assert agent.events("abandoned") == []
    assert engine_ran(customer)[0]["outcome"] == "stopped"
    assert customer.rows("leads") == []
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.OK
    assert len(customer.rows("leads")) == 1


@contextmanager
def held(model):
    """The model takes requests and answers none meanwhile."""
    model.misbehaviour = Misbehaviour.STALL
    try:
        yield
    finally:
        model.misbehaviour = Misbehaviour.NONE


def test_turn_whose_tools_could_not_reach_gmail_is_done_again(customer, gmail, enquiry, run_agent, model):
    """Butler stored the mail, so Scout has to ask Gmail for its text."""
    assert run_agent(customer).wait() is Exit.OK
    gmail.get_faults = [api_error(403, "insufficientPermissions")]
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.GMAIL_UNREACHABLE
    assert customer.rows("inbox_messages", "scouted_at") == [(None,)]
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.OK
    assert len(customer.rows("leads")) == 1


def test_finished_lots_are_not_done_again_after_a_later_one_failed(customer, gmail, run_agent, model, monkeypatch):
    monkeypatch.setattr(assignment, "MESSAGES_A_TURN", 1)
    gmail.deliver(2)
    gmail.put(mail("e1"))
    model.misbehave(Misbehaviour.OBEY, orders=[order("m2")])
    monkeypatch.setattr(tick, "MOST_FAILURES", 0)
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.ENGINE_LOOPED
    waiting = "gmail_id, scouted_at IS NULL"
    assert sorted(customer.rows("inbox_messages", waiting)) == [("e1", False), ("m1", False), ("m2", True)]
    model.misbehaviour = Misbehaviour.NONE
    again = run_agent(customer, AGENT_ROLE="scout")
    assert again.wait() is Exit.OK
    assert again.events("tick_done")[0]["turns"] == 1


def test_usage_that_could_not_be_recorded_waits_and_counts(customer, gmail, enquiry, run_agent, model, monkeypatch):
    """The table is away as the turn ends, and back as the process does."""
    customer.execute("ALTER TABLE model_usage RENAME TO elsewhere")
    try:
        close = Turns.close

        def closing(turns):
            customer.execute("ALTER TABLE elsewhere RENAME TO model_usage")
            close(turns)

        monkeypatch.setattr(Turns, "close", closing)
        monkeypatch.setattr(Usage, "month_cost_micro_usd", lambda usage: 0)
        agent = run_agent(customer)
        assert agent.wait() is Exit.DATABASE_UNREACHABLE
    finally:
        monkeypatch.undo()
    assert [calls for (calls,) in customer.rows("model_usage", "calls")] == [model.calls]


def test_always_on_agent_that_fails_for_long_ends_with_its_cause(customer, enquiry, run_agent, model, monkeypatch):
    monkeypatch.setattr(worker, "PATIENCE_SECONDS", 0.0)
    model.misbehaviour = Misbehaviour.ERROR_500
    agent = run_agent(customer, AGENT_MODE="loop", settings={"loop_seconds": 0.1})
    assert agent.wait() is Exit.MODEL_UNREACHABLE
    assert len(agent.events("tick_failed")) == worker.FAILURES_IN_A_ROW


def test_always_on_agent_that_may_not_use_the_model_ends_at_once(customer, enquiry, run_agent):
    with Canned(answer(403, b"{}")) as forbidden:
        agent = run_agent(customer, AGENT_MODE="loop", MODEL_ENDPOINT=forbidden.url)
        assert agent.wait() is Exit.MODEL_UNREACHABLE
    assert agent.events("tick_failed")[0]["detail"] == "HTTP 403"
    assert len(agent.events("tick_failed")) == 1


def test_lot_that_is_too_much_for_the_model_is_cut(customer, gmail, run_agent):
    gmail.deliver(3)
    with Canned(answer(400, b"{}")) as strict:
        agent = run_agent(customer, MODEL_ENDPOINT=strict.url)
        assert agent.wait() is Exit.ENGINE_FAILED
    assert [ran["items"] for ran in engine_ran(customer)] == [3, 1]
    assert [kind for kind, _, _ in customer.activities() if kind == "passed_over"] == []
