"""Whose work a span is: the attribute `tenant.id`, a TenantID."""

import inspect
import uuid
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor
from opentelemetry.trace import Span as AnySpan

from openclaw_site.observe.marks import TENANT, work_of
from tenants.isolation.context import current_context


class TenantProcessor(SpanProcessor):
    """At a span's start: the customer whose data may be seen, or else the one of the span that led to it."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        entered = current_context()
        if entered is not None and entered.tenant_id is not None:
            span.set_attribute(TENANT, entered.tenant_id.hex)
        elif tenant := _of(trace.get_current_span(parent_context)):
            span.set_attribute(TENANT, tenant)


def tell_task(task: Any = None, args: Any = (), kwargs: Any = None, **rest: Any) -> None:
    """Receiver of `task_prerun`, after that of the instrumentation: a task with a `customer_id` is that customer's."""
    try:
        given = inspect.signature(task.run).bind_partial(*args, **kwargs or {}).arguments
        customer_id = uuid.UUID(str(given["customer_id"]))
    except (KeyError, TypeError, ValueError):
        return
    work_of(customer_id)


def _of(span: AnySpan) -> str:
    attributes = span.attributes if isinstance(span, Span) else None
    return str((attributes or {}).get(TENANT, ""))
