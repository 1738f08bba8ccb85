"""Log lines: all of them, in order, once; following goes on until told."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import uuid4

import boto3
import pytest
from botocore.stub import Stubber

from openclaw_site.aws import errors, logs
from openclaw_site.aws.clients import client

STREAM = "butler/openclaw-butler/0123"
AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def boto_logs():
    return boto3.client("logs", "eu-central-1")


@pytest.fixture
def group(boto_logs):
    name = f"/openclaw/{uuid4().hex}/agents"
    boto_logs.create_log_group(logGroupName=name)
    return name


def write(boto_logs, group, *messages, stream=STREAM, offset=0):
    streams = boto_logs.describe_log_streams(logGroupName=group)["logStreams"]
    if stream not in [found["logStreamName"] for found in streams]:
        boto_logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000) + offset
    boto_logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": now + step, "message": text} for step, text in enumerate(messages)],
    )


def messages(lines):
    return [line.message for line in lines]


def test_lines_are_read_once_and_in_order(boto_logs, group):
    write(boto_logs, group, "one", "two")
    page = logs.read_lines(group=group, stream=STREAM)
    assert messages(page.lines) == ["one", "two"]
    assert {line.stream for line in page.lines} == {STREAM}
    assert page.lines[0].at.tzinfo is UTC
    write(boto_logs, group, "three", offset=10)
    assert messages(logs.read_lines(group=group, stream=STREAM, after=page.token).lines) == ["three"]


def test_maximum_is_kept_and_the_token_goes_on_after_it(boto_logs, group):
    write(boto_logs, group, *[str(number) for number in range(5)])
    page = logs.read_lines(group=group, stream=STREAM, maximum=3)
    assert messages(page.lines) == ["0", "1", "2"]
    assert messages(logs.read_lines(group=group, stream=STREAM, after=page.token).lines) == ["3", "4"]


def test_task_that_has_not_written_yet_has_no_lines(boto_logs, group):
    page = logs.read_lines(group=group, stream=STREAM)
    assert page == logs.LogPage((), None)
    write(boto_logs, group, "first")
    assert messages(logs.read_lines(group=group, stream=STREAM, after=page.token).lines) == ["first"]


def test_missing_group_is_said():
    with pytest.raises(errors.LogGroupMissing) as caught:
        logs.read_lines(group="/no/such/group", stream=STREAM)
    assert "AGENT_LOG_GROUP" in caught.value.next_action


def test_empty_page_in_the_midst_is_not_the_end():
    event = {"timestamp": int(AT.timestamp() * 1000), "message": "late"}
    with Stubber(client("logs")) as stub:
        for events, token in (([], "f/1"), ([], "f/2"), ([event], "f/3"), ([], "f/3")):
            stub.add_response("get_log_events", {"events": events, "nextForwardToken": token})
        page = logs.read_lines(group="g", stream=STREAM)
    assert page == logs.LogPage((logs.LogLine(AT, STREAM, "late"),), "f/3")


def test_following_merges_streams_by_time_and_reads_the_last_lines(boto_logs, group):
    write(boto_logs, group, "a1", "a2", stream="a")
    write(boto_logs, group, "b1", stream="b", offset=-50)
    rounds = []

    def finished():
        rounds.append(None)
        if len(rounds) == 2:
            write(boto_logs, group, "last words", stream="b", offset=20)
        return len(rounds) == 2

    followed = logs.follow(group=group, stream_names=["a", "b"], poll_seconds=0.01, finished=finished)
    assert messages(followed) == ["b1", "a1", "a2", "last words"]


def test_following_survives_a_throttled_round(faulty_aws):
    event = {"timestamp": 0, "message": "after all"}
    for _ in range(3):
        faulty_aws.fail("ThrottlingException", "Rate exceeded")
    faulty_aws.answer(200, {"events": [event], "nextForwardToken": "f/1"})
    faulty_aws.answer(200, {"events": [], "nextForwardToken": "f/1"})
    followed = logs.follow(group="g", stream_names=["s"], poll_seconds=0.01)
    assert next(followed).message == "after all"


def test_console_address_is_the_consoles_own_spelling():
    assert logs.console_url(region="eu-central-1", group="/openclaw/dev/agents", stream="butler/c/1 2") == (
        "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1"
        "#logsV2:log-groups/log-group/$252Fopenclaw$252Fdev$252Fagents/log-events/butler$252Fc$252F1$25202"
    )
    assert logs.console_url(region="eu-central-1", group="g").endswith("#logsV2:log-groups/log-group/g")
