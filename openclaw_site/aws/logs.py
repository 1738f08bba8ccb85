"""CloudWatch Logs: reading and following the agents' streams.

Owns paging through a stream, merging several in time, and the console's address of one. Which stream
belongs to which task is the callers' knowledge; writing is done by ECS.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypedDict
from urllib.parse import quote

from openclaw_site.aws.clients import client
from openclaw_site.aws.errors import LogGroupMissing, Throttled
from openclaw_site.aws.translation import translated

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import GetLogEventsResponseTypeDef

MAX_LINES: Final = 10_000


class _More(TypedDict, total=False):
    nextToken: str


@dataclass(frozen=True)
class LogLine:
    """One line; `at` is when it was written (UTC)."""

    at: datetime
    stream: str
    message: str


@dataclass(frozen=True)
class LogPage:
    """Lines in order, and the token that the next reading goes on after (None: start at the head)."""

    lines: tuple[LogLine, ...]
    token: str | None


def read_lines(*, group: str, stream: str, after: str | None = None, maximum: int = MAX_LINES) -> LogPage:
    """The stream's lines after the token `after`, oldest first, at least one and up to about `maximum`.

    Fewer than `maximum` means that the end was reached. A stream that does not exist (a task which
    has not written yet) has no lines. Safe to repeat. Raises LogGroupMissing, AccessDenied, Throttled.
    """
    lines: list[LogLine] = []
    token = after
    # CloudWatch answers empty pages in the midst of a stream; only a token that stays says "the end".
    while len(lines) < maximum:
        found, following = _read_page(group, stream, token, min(maximum - len(lines), MAX_LINES))
        lines += found
        if following == token:
            break
        token = following
    return LogPage(tuple(lines), token)


def read_last_lines(*, group: str, stream: str, maximum: int) -> tuple[LogLine, ...]:
    """The stream's last lines, at most `maximum`, oldest first; none of a stream that does not exist.

    Reads from the end, so a stream of months costs no more than a short one. Safe to repeat. Raises LogGroupMissing,
    AccessDenied, Throttled.
    """
    lines: list[LogLine] = []
    token: str | None = None
    while len(lines) < maximum:
        limit = min(maximum - len(lines), MAX_LINES)
        answer = _answer(group, stream, token, limit, from_head=False)
        if answer is None:
            break
        lines[:0] = _lines(answer, stream)
        # As when reading forward: only a token that stays says that the other end was reached.
        if answer["nextBackwardToken"] == token:
            break
        token = answer["nextBackwardToken"]
    return tuple(lines)


def follow(
    *,
    group: str,
    stream_names: Iterable[str],
    poll_seconds: float,
    finished: Callable[[], bool] = lambda: False,
) -> Iterator[LogLine]:
    """All lines of the streams as they come, in order of time within each round of reading.

    Goes on until `finished()` holds, and reads once more after that, so that the last lines come too.
    A throttled reading is taken up in the next round. Raises LogGroupMissing, AccessDenied, Unreachable.
    """
    tokens: dict[str, str | None] = dict.fromkeys(stream_names)
    while True:
        last = finished()
        fresh: list[LogLine] = []
        for stream, token in tokens.items():
            try:
                page = read_lines(group=group, stream=stream, after=token)
            except Throttled:
                continue
            fresh += page.lines
            tokens[stream] = page.token
        yield from sorted(fresh, key=lambda line: line.at)
        if last:
            return
        time.sleep(poll_seconds)


def console_url(*, region: str, group: str, stream: str | None = None) -> str:
    """The AWS console's page of the stream, or of the group."""
    address = (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#logsV2:log-groups/log-group/{_console_name(group)}"
    )
    return f"{address}/log-events/{_console_name(stream)}" if stream else address


def _read_page(group: str, stream: str, token: str | None, limit: int) -> tuple[list[LogLine], str | None]:
    answer = _answer(group, stream, token, limit, from_head=True)
    if answer is None:
        return [], token
    return _lines(answer, stream), answer["nextForwardToken"]


def _answer(
    group: str, stream: str, token: str | None, limit: int, *, from_head: bool
) -> GetLogEventsResponseTypeDef | None:
    """One page, or None for a stream that does not exist."""
    more: _More = {} if token is None else {"nextToken": token}
    try:
        with translated("GetLogEvents", missing=LogGroupMissing):
            return client("logs").get_log_events(
                logGroupName=group, logStreamName=stream, startFromHead=from_head, limit=limit, **more
            )
    except LogGroupMissing as error:
        # One code for both; the text may say that it is the stream, otherwise the group is asked for.
        if "log stream" not in str(error):
            _require_group(group)
        return None


def _lines(answer: GetLogEventsResponseTypeDef, stream: str) -> list[LogLine]:
    return [
        LogLine(datetime.fromtimestamp(event["timestamp"] / 1000, UTC), stream, event["message"])
        for event in answer["events"]
    ]


def _require_group(group: str) -> None:
    """Raises LogGroupMissing when there is no such group."""
    with translated("DescribeLogStreams", missing=LogGroupMissing):
        client("logs").describe_log_streams(logGroupName=group, limit=1)


def _console_name(name: str) -> str:
    """The console's own spelling: percent-encoded twice, with $ for the percent sign."""
    return quote(quote(name, safe=""), safe="").replace("%", "$")
