"""What the agents did and were refused, in words, and nothing of what it cost."""

import html
from typing import Any

import pytest
from django.test import Client

from agents.runtime.tools import Outcome
from agents.runtime.tools.registry import TOOLS_OF_ROLE
from agents.workspace.words import TOOLS_OF, TURNED_DOWN
from tenants.models import Customer
from tests.portal.factories import (
    make_activity,
)
from tests.portal.pages import words_of


def test_activity_tells_what_was_done_and_refused_and_leaves_out_costs(member: Client, customer: Customer) -> None:
    make_activity(customer)
    make_activity(customer, kind="inbox_read", summary="Stored 1 new message.", data={"new": 1, "total": 3})
    make_activity(customer, kind="usage", summary="Usage since the last report.", data={"seconds": 3})
    make_activity(customer, agent_role="scout", kind="tool_refused", data={"tool": "save_draft"})
    make_activity(customer, agent_role="scout", kind="tool_refused", data={"tool": "unknown"})
    make_activity(
        customer, agent_role="writer", data={"tool": "save_draft", "outcome": "decided"}, summary="Called save_draft."
    )
    make_activity(customer, kind="brand_new", summary="Swept the yard.", data={})
    words = words_of(member, "/activity/")
    for expected in (
        "Sorted a message.",
        "Took in a new message.",
        "Asked to write a draft, which is another agent's work. It was refused, and nothing happened.",
        "Asked for what no agent may do.",
        "Wanted to write a draft; nothing was done, because a member had decided already.",
        "Swept the yard.",
    ):
        assert expected in words.replace("&#x27;", "'"), expected
    assert "Usage" not in words
    refused = words_of(member, "/activity/?show=refused")
    assert "Sorted" not in refused
    assert "another agent" in refused


@pytest.mark.parametrize(
    ("kind", "role", "data", "said"),
    [
        ("engine_ran", "butler", {"outcome": "ok", "items": 3}, "Went over 3 messages."),
        ("engine_ran", "writer", {"outcome": "ok", "items": 1}, "Went over a lead."),
        (
            "engine_ran",
            "scout",
            {"outcome": "engine_looped", "items": 3},
            "Broke off its work, because it went in circles. What it had done by then stands; it goes on with its next "
            "run.",
        ),
        ("engine_ran", "scout", {"outcome": "engine_failed", "items": 3}, "Broke off its work. What it had"),
        (
            "passed_over",
            "scout",
            {"gmail_ids": ["m1"], "leads": []},
            "Left out a message that made it go in circles. Please look at it yourself.",
        ),
        ("passed_over", "writer", {"gmail_ids": [], "leads": 2}, "Left out 2 leads that made it go in circles."),
        (
            "tool_refused",
            "scout",
            {"tool": "save_draft", "times": 3},
            "Asked 3 times to write a draft, which is another agent's work.",
        ),
        ("tool_refused", "scout", {"tool": "exec", "times": 2}, "Asked 2 times for what no agent may do."),
        (
            "tool_refused",
            "writer",
            {"tool": "save_draft", "times": 1},
            "Wanted to write a draft; it was refused, because what it gave was not in order.",
        ),
        (
            "tool_called",
            "scout",
            {"tool": "upsert_lead", "outcome": "not_evident"},
            "Wanted to note a lead; nothing was done, because no message from that address, or about it, shows it.",
        ),
        (
            "tool_called",
            "scout",
            {"tool": "upsert_lead", "outcome": "too_many"},
            "nothing was done, because it was more than one run may make.",
        ),
    ],
)
def test_activity_in_words(
    member: Client, customer: Customer, kind: str, role: str, data: dict[str, Any], said: str
) -> None:
    make_activity(customer, kind=kind, agent_role=role, data=data, summary="As staff read it.")
    words = html.unescape(words_of(member, "/activity/"))
    assert said in words
    assert "As staff read it" not in words


def test_every_tool_of_every_agent_and_every_way_that_it_fails_has_its_words() -> None:
    assert {role: set(tools) for role, tools in TOOLS_OF_ROLE.items()} == {
        role: set(tools) for role, tools in TOOLS_OF.items()
    }
    told_otherwise = {Outcome.REFUSED, Outcome.DATABASE_FAILED}
    failures = {outcome.value for outcome in Outcome if outcome.is_failure and outcome not in told_otherwise}
    assert failures <= set(TURNED_DOWN)
