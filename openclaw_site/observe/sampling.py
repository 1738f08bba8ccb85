"""What is traced: a share of the requests and tasks, each with all that it leads to."""

from collections.abc import Sequence
from typing import Any

from celery.app.task import Context as CeleryRequest
from opentelemetry.context import Context
from opentelemetry.propagators.aws import AwsXRayPropagator
from opentelemetry.propagators.textmap import CarrierT, Getter, default_getter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes


def sampler(ratio: float) -> Sampler:
    """Begins a trace with this probability, 0 to 1, and keeps it whole over the broker. Raises ValueError."""
    return ParentBased(root=_Beginnings(ratio))


class _Beginnings(Sampler):
    """Decides where nothing led to the span. A call that belongs to no request and no task begins no trace: a look at
    the broker, a lease's heartbeat.
    """

    def __init__(self, ratio: float) -> None:
        self._share = TraceIdRatioBased(ratio)

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        decides = ALWAYS_OFF if kind is SpanKind.CLIENT else self._share
        return decides.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        return f"requests and tasks: {self._share.get_description()}"


class FromTheBroker(AwsXRayPropagator):
    """A message leads on a trace; a request begins one, since whoever sends it could have everything traced."""

    def extract(
        self, carrier: CarrierT, context: Context | None = None, getter: Getter[CarrierT] = default_getter
    ) -> Context:
        if not isinstance(carrier, CeleryRequest):
            return context or Context()
        known: Any = super()  # The package has no types.
        extracted: Context = known.extract(carrier, context, getter)
        return extracted
