"""Prices, cache breakpoints and settings."""

from __future__ import annotations

from typing import Any

import pytest

from agents.runtime.bridge import AnthropicUpstream, BedrockUpstream, UnknownModel, Usage, cost_micro_usd
from agents.runtime.bridge.caching import with_cache_control
from agents.runtime.bridge.loop_breaker import fingerprint_of
from agents.runtime.bridge.settings import read_model_settings
from agents.runtime.config import ConfigError

MARK = {"type": "ephemeral"}
MILLION = Usage(
    calls=9,
    input_tokens=1_000_000,
    output_tokens=1_000_000,
    cache_read_tokens=1_000_000,
    cache_write_tokens=1_000_000,
)


@pytest.mark.parametrize(
    ("model", "cents"),
    [
        ("claude-haiku-4-5", 735),
        ("claude-haiku-4-5-20251001", 735),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", 735),
        (
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0",
            735,
        ),
        ("claude-sonnet-4-5-20250929", 2205),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", 2205),
    ],
)
def test_a_million_of_each_kind_costs_the_list_price(model: str, cents: int) -> None:
    assert cost_micro_usd(model, MILLION) == cents * 10_000


@pytest.mark.parametrize("place", ["eu.", "us.", "jp.", "us-gov.", ""])
def test_bedrock_asks_a_tenth_more_for_one_region(place: str) -> None:
    model = f"{place}anthropic.claude-haiku-4-5-20251001-v1:0"
    assert cost_micro_usd(model, MILLION) == 8_085_000


def test_a_part_of_a_micro_dollar_is_a_whole_one() -> None:
    assert cost_micro_usd("claude-haiku-4-5", Usage(calls=3)) == 0
    assert cost_micro_usd("claude-haiku-4-5", Usage(cache_read_tokens=1)) == 1
    assert cost_micro_usd("claude-haiku-4-5", Usage(cache_read_tokens=11)) == 2
    assert cost_micro_usd("eu.anthropic.claude-haiku-4-5", Usage(input_tokens=10)) == 11


@pytest.mark.parametrize(
    "model",
    [
        "",
        "claude",
        "claude-haiku-3-5",
        "claude-haiku-4-5-latest",
        "claude-haiku-4-50",
        "anthropic.claude-haiku-5-5",
        "evil.claude-haiku-4-5",
    ],
)
def test_model_without_a_price_is_named(model: str) -> None:
    with pytest.raises(UnknownModel, match="has no price") as caught:
        cost_micro_usd(model, Usage())
    assert repr(model) in str(caught.value)


def body(**more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Go."}], **more}


def test_system_and_last_message_are_kept_when_the_engine_marks_nothing() -> None:
    marked = with_cache_control(body(system="Rules.", tools=[{"name": "a"}]))
    assert marked["system"] == [{"type": "text", "text": "Rules.", "cache_control": MARK}]
    assert marked["tools"] == [{"name": "a"}]
    assert marked["messages"][-1]["content"] == [{"type": "text", "text": "Go.", "cache_control": MARK}]


def test_without_a_system_prompt_the_last_tool_is_marked() -> None:
    assert with_cache_control(body(tools=[{"name": "a"}, {"name": "b"}]))["tools"] == [
        {"name": "a"},
        {"name": "b", "cache_control": MARK},
    ]


@pytest.mark.parametrize(
    "where",
    [
        {"system": [{"type": "text", "text": "Rules.", "cache_control": MARK}]},
        {"tools": [{"name": "a", "cache_control": MARK}], "system": "Rules."},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Go.", "cache_control": MARK}]}]},
    ],
)
def test_the_engines_own_marks_are_left_as_they_are(where: dict[str, Any]) -> None:
    before = repr(body(**where))
    assert repr(with_cache_control(body(**where))) == before


def test_marks_for_an_hour_become_five_minutes() -> None:
    hour = [{"type": "text", "text": "Rules.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    assert with_cache_control(body(system=hour))["system"][0]["cache_control"] == MARK


@pytest.mark.parametrize("content", ["", [], [{"type": "thinking", "thinking": "x"}]])
def test_what_takes_no_mark_gets_none(content: Any) -> None:
    assert "cache_control" not in repr(with_cache_control({"messages": [{"role": "user", "content": content}]}))


def turn(number: int, result: str = "[]") -> list[dict[str, Any]]:
    return [
        {"role": "assistant", "content": [{"type": "tool_use", "id": f"t{number}", "name": "list", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": f"t{number}", "content": result}]},
    ]


def test_the_same_call_with_the_same_result_is_the_same_whatever_its_id() -> None:
    assert fingerprint_of(turn(1)) == fingerprint_of([*turn(1), *turn(2)])
    assert fingerprint_of(turn(1)) != fingerprint_of(turn(1, result="[1]"))


ENVIRON = {
    "MODEL_ID": "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    "AWS_REGION": "eu-west-1",
    "MODEL_BUDGET_MICRO_USD": "0",
}


def test_bedrock_in_the_agents_region_is_the_default() -> None:
    settings = read_model_settings(ENVIRON)
    assert (settings.region, settings.endpoint, settings.budget_micro_usd) == ("eu-west-1", "", 0)
    upstream = settings.upstream()
    assert isinstance(upstream, BedrockUpstream)
    assert upstream.url == "https://bedrock-runtime.eu-west-1.amazonaws.com/anthropic/v1/messages"
    upstream.close()
    assert read_model_settings({**ENVIRON, "MODEL_REGION": "eu-central-1"}).region == "eu-central-1"


def test_a_key_means_anthropic_and_does_not_show() -> None:
    settings = read_model_settings({**ENVIRON, "ANTHROPIC_API_KEY": "sk-ant-hush", "AWS_REGION": ""})
    upstream = settings.upstream()
    assert isinstance(upstream, AnthropicUpstream)
    assert upstream.url == "https://api.anthropic.com/v1/messages"
    upstream.close()
    assert "hush" not in repr(settings)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_model_settings(
            {"MODEL_ID": "gpt", "MODEL_ENDPOINT": "http://hush.example", "MODEL_BUDGET_MICRO_USD": "-1"}
        )
    assert [problem.split()[0] for problem in caught.value.problems] == [
        "MODEL_REGION",
        "MODEL_ENDPOINT",
        "MODEL_BUDGET_MICRO_USD",
        "MODEL_ID",
    ]
    assert "hush" not in str(caught.value)
    with pytest.raises(ConfigError, match="MODEL_ID is missing; MODEL_BUDGET_MICRO_USD is missing"):
        read_model_settings({"AWS_REGION": "eu-west-1"})
