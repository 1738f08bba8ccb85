"""What is left of a span, whatever an instrumentation put into it."""

from typing import Any

import pytest
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanKind
from opentelemetry.trace.status import Status, StatusCode

from openclaw_site.observe.leaving import cleaned


def left_of(name: str, attributes: dict[str, Any], **fields: Any) -> ReadableSpan:
    return cleaned(ReadableSpan(name, attributes=attributes, **{"kind": SpanKind.CLIENT, **fields}))


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (
            'SELECT "tenants_customer"."id" FROM "tenants_customer" INNER JOIN "tenants_domain"',
            "SELECT tenants_customer",
        ),
        ("INSERT INTO tenants_gmailintent (id) VALUES (%s)", "INSERT tenants_gmailintent"),
        ('UPDATE "t_0123456789abcdef0123456789abcdef"."leads" SET state = %s', "UPDATE leads"),
        ("SELECT public.app_enter(%s, %s, %s, %s)", "SELECT"),
        ("CREATE ROLE t_0123456789abcdef0123456789abcdef PASSWORD 'hush'", "CREATE"),
        ("SELECT 'a letter FROM olivia', 'INTO the blue'", "SELECT"),
        ("Dear Olivia", "SQL"),
        ("", "SQL"),
    ],
)
def test_a_statement_is_named_by_its_verb_and_a_table_of_ours(statement: str, name: str) -> None:
    span = left_of(
        "whatever", {"db.system": "postgresql", "db.statement": statement, "db.statement.parameters": "hush"}
    )
    assert (span.name, span.attributes) == (name, {"db.system": "postgresql"})


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("SET", "SET"),
        ("LLEN LINDEX LLEN LINDEX LLEN LINDEX", "LLEN LINDEX LLEN LINDEX LLEN"),
        ("a key of ours", "Redis"),
    ],
)
def test_a_call_of_redis_is_named_by_its_commands(name: str, left: str) -> None:
    span = left_of(name, {"db.system": "redis", "db.statement": "SET ? ?"})
    assert (span.name, span.attributes) == (left, {"db.system": "redis"})


def test_a_request_without_a_pattern_has_no_address() -> None:
    attributes = {
        "http.method": "HUSH",
        "http.target": "/password/MQ/token/",
        "http.url": "https://x/?a",
        "net.peer.ip": "::1",
    }
    span = left_of("HUSH /password/MQ/token/", attributes, kind=SpanKind.SERVER)
    assert (span.name, span.attributes) == ("OTHER", {"http.method": "OTHER", "http.target": "/"})


def test_of_an_error_only_its_class_is_left() -> None:
    told = {"exception.type": "ValueError", "exception.message": "Dear Olivia", "exception.stacktrace": "Dear Olivia"}
    events = [Event("exception", told, 5), Event("log", {"body": "Dear Olivia"}, 6)]
    span = left_of("ECS.RunTask", {"aws.secret": "hush"}, events=events, status=Status(StatusCode.ERROR, "Dear Olivia"))
    assert (span.name, dict(span.attributes or {})) == ("ECS.RunTask", {})
    assert [(event.name, event.attributes, event.timestamp) for event in span.events] == [
        ("exception", {"exception.type": "ValueError"}, 5)
    ]
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
