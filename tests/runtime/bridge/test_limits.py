"""A spent budget and a model that goes in circles end the calls before they are made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from agents.runtime.bridge import Budget, LoopBreaker
from openclaw_site.devstack.model import Misbehaviour, Model
from tests.devstack.engine import Desk, mailbox, request, work
from tests.runtime.bridge.conftest import HEADERS, MakeBridge, post
from tests.runtime.bridge.refusals import refused


def test_spent_budget_ends_the_calls_before_they_are_made(make_bridge: MakeBridge, model: Model) -> None:
    bridge = make_bridge(budget=Budget(100, 100))
    message = refused(post(bridge, request("scout")), 429, "rate_limit_error")
    assert message == "The budget for the model is spent: no further call is made. End the work here."
    assert (model.calls, bridge.usage.calls, dict(bridge.refusals)) == (0, 0, {"budget": 1})


def test_budget_of_nothing_allows_nothing(make_bridge: MakeBridge, model: Model) -> None:
    refused(post(make_bridge(budget=Budget(0)), request("scout")), 429, "rate_limit_error")
    assert model.calls == 0


def test_the_call_that_spends_the_rest_is_the_last(make_bridge: MakeBridge, model: Model) -> None:
    budget = Budget(600)
    bridge = make_bridge(budget=budget)
    bodies = [
        request("scout", [{"role": "user", "content": f"Number {number}."}], stream=bool(number)) for number in range(6)
    ]
    answers = [post(bridge, body) for body in bodies]
    statuses = [answer.status_code for answer in answers]
    assert statuses == sorted(statuses)
    assert 1 < statuses.count(200) == model.calls < 6
    assert 600 <= budget.spent_micro_usd == bridge.cost_micro_usd < 900
    assert answers[-1].headers["x-should-retry"] == "false"


def test_calls_side_by_side_do_not_share_the_same_rest(make_bridge: MakeBridge, model: Model) -> None:
    model.first_byte_seconds = 0.2
    bridge = make_bridge(budget=Budget(100))
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: post(bridge, request("scout")).status_code, range(8)))
    assert sorted(statuses) == [200] + [429] * 7


def test_failed_call_gives_its_hold_back(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehave(Misbehaviour.ERROR_500, times=3)
    bridge = make_bridge(budget=Budget(200))
    assert [post(bridge, request("scout")).status_code for _ in range(4)] == [500, 500, 500, 200]


def test_model_that_goes_in_circles_is_stopped_at_the_fourth_time(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehaviour = Misbehaviour.LOOP
    bridge = make_bridge()
    desk = Desk(mailbox("olivia@harborline-roofing.example").messages)
    with pytest.raises(AssertionError, match="it asked the same 4 times in one run"):
        work(bridge.url, "scout", desk, stream=True, headers=HEADERS)
    assert (model.calls, bridge.refusals["loop"]) == (4, 1)


def test_too_many_calls_are_stopped_even_if_each_is_another(make_bridge: MakeBridge, model: Model) -> None:
    bridge = make_bridge(breaker=LoopBreaker(most_calls=5))
    bodies = [request("scout", [{"role": "user", "content": f"Number {number}."}]) for number in range(6)]
    answers = [post(bridge, body) for body in bodies]
    assert "it made 5 calls in one run" in refused(answers.pop(), 429, "rate_limit_error")
    assert {answer.status_code for answer in answers} == {200}
    assert model.calls == 5


def test_trying_a_failed_call_again_is_no_loop(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehave(Misbehaviour.OVERLOADED, times=5)
    bridge = make_bridge()
    assert [post(bridge, request("scout")).status_code for _ in range(6)] == [529] * 5 + [200]
    assert dict(bridge.refusals) == {"upstream": 5}
