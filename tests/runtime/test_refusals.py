"""What the engine refused by itself is told of, and nothing twice."""

from collections import Counter

from agents.runtime.refusals import refusals_of_the_engine


def told(failed, answered=None):
    return [activity.data for activity in refusals_of_the_engine("scout", failed, Counter(answered or {}))]


def test_tools_that_the_role_has_not_are_told_of_by_names_that_we_know():
    failed = {"exec": 1, "read": 2, "backoffice__save_draft": 1, "send-hush": 1, "backoffice__hush": 1}
    assert told(failed) == [
        {"tool": "exec", "times": 1},
        {"tool": "read", "times": 2},
        {"tool": "save_draft", "times": 1},
        {"tool": "unknown", "times": 2},
    ]


def test_arguments_that_the_engine_refuses_are_told_of():
    assert told({"backoffice__upsert_lead": 1}) == [{"tool": "upsert_lead", "times": 1}]


def test_what_our_own_tools_turned_down_is_not_told_twice():
    answered = {("upsert_lead", "not_found"): 1, ("upsert_lead", "created"): 4}
    assert told({"backoffice__upsert_lead": 1}, answered) == []
    assert told({"backoffice__upsert_lead": 3}, answered) == [{"tool": "upsert_lead", "times": 2}]
