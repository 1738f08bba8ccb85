"""An agent that stays: ticks again and again, says how it is, ends only on what a person must mend."""

from collections import Counter

import pytest

from agents.runtime.exits import Exit
from tests.runtime.loopback_gmail import Answer

OFTEN = {"loop_seconds": 0.1}


def test_health_follows_gmail_down_and_up_again(customer, gmail, run_agent):
    agent = run_agent(customer, AGENT_MODE="loop", settings=OFTEN)
    agent.wait_for("tick_done")
    status, body = agent.health()
    assert (status, body["status"], body["role"]) == (200, "ok", "butler")
    gmail.always = Answer(503, {}, {"Retry-After": "60"})
    assert agent.wait_for("tick_failed")["cause"] == "GMAIL_UNREACHABLE"
    status, body = agent.health()
    assert (status, body["status"]) == (503, "failing")
    gmail.always = None
    agent.wait_for("tick_done", count=len(agent.events("tick_done")) + 1)
    assert agent.health()[0] == 200
    agent.ask_to_stop()
    assert agent.wait() is Exit.OK


def test_ticks_without_news_write_nothing_and_their_usage_comes_later(customer, gmail, run_agent):
    agent = run_agent(customer, AGENT_MODE="loop", settings=OFTEN)
    agent.wait_for("tick_done", count=3)
    assert [kind for kind, _, _ in customer.activities()] == ["proof_of_life", "usage"]
    assert gmail.refreshes == 1
    gmail.deliver(1)
    seen = len(agent.events("tick_done"))
    agent.wait_for("tick_done", count=seen + 3)
    agent.ask_to_stop()
    assert agent.wait() is Exit.OK
    assert [event["turns"] for event in agent.events("tick_done")].count(1) == 1
    kinds = Counter(kind for kind, _, _ in customer.activities())
    assert (kinds["inbox_read"], kinds["engine_ran"], kinds["usage"]) == (1, 1, 2)
    usages = [data for kind, data, _ in customer.activities() if kind == "usage"]
    reported = sum(usage["gmail_calls"] for usage in usages)
    unreported = gmail.calls - reported
    assert 0 <= unreported <= len(agent.events("tick_done")) - seen
    assert gmail.gets == ["m1"]


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client"])
def test_what_a_person_must_mend_ends_the_loop(customer, gmail, run_agent, error):
    gmail.token_faults = [Answer(400, {"error": error})]
    agent = run_agent(customer, AGENT_MODE="loop", settings=OFTEN)
    expected = Exit.TOKEN_REVOKED if error == "invalid_grant" else Exit.GMAIL_REFUSED
    assert agent.wait() is expected


def test_database_restart_costs_a_tick_and_no_mail(customer, gmail, world, run_agent):
    agent = run_agent(customer, AGENT_MODE="loop", settings=OFTEN)
    agent.wait_for("tick_done")
    world.postgres.restart()
    gmail.deliver(2)
    agent.wait_for("tick_done", count=len(agent.events("tick_done")) + 2)
    agent.ask_to_stop()
    assert agent.wait() is Exit.OK
    assert len(customer.rows("inbox_messages")) == 2
