"""What of a span leaves the process: names, numbers and the addresses' patterns, and nothing that somebody typed.

Our addresses hold links that open something, statements and errors hold mail. So a span is made anew from what stands
on a list here, whatever the instrumentations put into it; a new version of theirs can't add to that.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from django.apps import apps
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind
from opentelemetry.trace.status import Status

from openclaw_site.observe.marks import TENANT

KEPT: Final = frozenset(
    {
        *(TENANT, "error.type"),
        *("http.method", "http.scheme", "http.host", "http.route", "http.status_code"),
        *("db.system", "db.name"),
        *("celery.action", "celery.task_name", "celery.state", "celery.retries"),
        *("messaging.destination", "messaging.message.id"),
        *("rpc.system", "rpc.service", "rpc.method", "cloud.region", "aws.region", "aws.request_id", "retry_attempts"),
    }
)
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_STATEMENTS: Final = frozenset(
    {
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "WITH",
        "SAVEPOINT",
        "RELEASE",
        "ROLLBACK",
        "CREATE",
        "ALTER",
        "DROP",
        "GRANT",
    }
)
_TABLE: Final = re.compile(r'\b(?:FROM|INTO|UPDATE|TABLE)\s+(?:"?\w+"?\.)?"?(\w+)"?', re.IGNORECASE)
_COMMAND: Final = re.compile(r"[A-Z]{2,20}\b")


class Cleaned(SpanExporter):
    """Hands on to another exporter what may leave."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([cleaned(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def cleaned(span: ReadableSpan) -> ReadableSpan:
    """The span with what is on the list. Of an exception its class is left, of a status whether it is an error."""
    told: Mapping[str, Any] = span.attributes or {}
    attributes = {name: value for name, value in told.items() if name in KEPT}
    if TENANT in attributes:
        # X-Ray finds traces by what it is told to index.
        attributes["aws.xray.annotations"] = [TENANT]
    if span.kind is SpanKind.SERVER:
        attributes |= _request(told)
    return ReadableSpan(
        name=_name(span, told),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=[_event(event) for event in span.events if event.name == "exception"],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _request(told: Mapping[str, Any]) -> dict[str, str]:
    """Method and pattern. `http.target` is where X-Ray looks for an address to show."""
    return {"http.method": _method(told), "http.target": f"/{told.get('http.route', '')}"}


def _method(told: Mapping[str, Any]) -> str:
    method = str(told.get("http.method"))
    return method if method in _METHODS else "OTHER"


def _name(span: ReadableSpan, told: Mapping[str, Any]) -> str:
    if span.kind is SpanKind.SERVER:
        return f"{_method(told)} /{told['http.route']}" if "http.route" in told else _method(told)
    match told.get("db.system"):
        case "postgresql":
            return _statement(str(told.get("db.statement", "")))
        case "redis":
            return " ".join(_COMMAND.findall(span.name)[:5]) or "Redis"
    # A task's, or a service's with its operation.
    return span.name


def _statement(sql: str) -> str:
    """What is done, and to which table first, if it is one of ours."""
    verb = sql.lstrip("( \n").partition(" ")[0].upper()
    tables = (found for found in _TABLE.findall(sql) if found in _our_tables())
    return " ".join([verb if verb in _STATEMENTS else "SQL", *list(tables)[:1]])


@cache
def _our_tables() -> frozenset[str]:
    return frozenset(model._meta.db_table for model in apps.get_models(include_auto_created=True))


def _event(event: Event) -> Event:
    kind = (event.attributes or {}).get("exception.type", "")
    return Event(event.name, {"exception.type": kind}, event.timestamp)
