"""Sets tracing up: requests, tasks, statements, Redis and AWS, sent to a collector by OTLP over HTTP.

Owns which instrumentations run and where the spans go. It is loaded only where TRACES_ENDPOINT is set, so that
elsewhere none of it costs anything. A collector that is away costs spans and a line in the log, never a request.
"""

from dataclasses import dataclass
from typing import Any, Final

from celery.signals import task_prerun, worker_process_shutdown
from django.conf import settings
from opentelemetry import propagate
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from openclaw_site.observe.leaving import Cleaned
from openclaw_site.observe.sampling import FromTheBroker, sampler
from openclaw_site.observe.tenant import TenantProcessor, tell_task

# A process that ends waits for so long for what was not sent yet.
EXPORT_SECONDS: Final = 3
# What answers the load balancer, and strangers, comes before it and is not traced.
_AFTER: Final = "tenants.isolation.middleware.HostMiddleware"
_INSTRUMENTORS: Final[tuple[Any, ...]] = (
    DjangoInstrumentor,
    CeleryInstrumentor,
    PsycopgInstrumentor,
    RedisInstrumentor,
    BotocoreInstrumentor,
)


@dataclass
class Tracing:
    """Tracing that was set up."""

    provider: TracerProvider

    def flush(self, **signal: Any) -> None:
        """What ended so far is at the collector, or lost."""
        self.provider.force_flush()

    def stop(self) -> None:
        """Nothing is traced any more; what was is sent. Connections that are open still measure, for nobody."""
        task_prerun.disconnect(tell_task)
        worker_process_shutdown.disconnect(self.flush)
        for instrumentor in _INSTRUMENTORS:
            instrumentor().uninstrument()
        self.provider.shutdown()


def start() -> Tracing:
    """What the process does from now on is traced. Before Django builds its middleware, and once a process.

    Raises ValueError unless TRACES_RATIO is between 0 and 1.
    """
    exporter = OTLPSpanExporter(endpoint=f"{settings.TRACES_ENDPOINT.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
    # OTEL_RESOURCE_ATTRIBUTES may add to these, as deployment.environment.name=production.
    resource = Resource.create({"service.name": settings.SERVICE_NAME, "openclaw.process": settings.PROCESS})
    provider = TracerProvider(
        sampler=sampler(settings.TRACES_RATIO), resource=resource, id_generator=AwsXRayIdGenerator()
    )
    provider.add_span_processor(TenantProcessor())
    provider.add_span_processor(BatchSpanProcessor(Cleaned(exporter)))
    propagate.set_global_textmap(FromTheBroker())
    position = settings.MIDDLEWARE.index(_AFTER) + 1
    for instrumentor in _INSTRUMENTORS:
        instrumentor().instrument(tracer_provider=provider, middleware_position=position)
    tracing = Tracing(provider)
    task_prerun.connect(tell_task)
    # A child of a worker ends without Python's own exit handlers.
    worker_process_shutdown.connect(tracing.flush)
    return tracing
