"""What is counted once a minute. Owns which figures there are and their names, by which CloudWatch's alarms go."""

from collections.abc import Iterator

from agents.selectors import runs_open
from openclaw_site import cache_login
from openclaw_site.aws.metrics import Metric
from openclaw_site.observe.queues import QUEUES, waiting
from openclaw_site.observe.selectors import agents_failing, connections_to_reconnect, provisionings_stuck


def queue_figures() -> Iterator[Metric]:
    """Of each queue its length and the age of its oldest message. Raises RedisError."""
    with cache_login.connect() as client:
        for queue in QUEUES:
            found = waiting(client=client, queue=queue)
            dimensions = {"Queue": queue}
            yield Metric("QueueLength", found.messages, dimensions=dimensions)
            yield Metric("QueueAgeSeconds", found.oldest_seconds, unit="Seconds", dimensions=dimensions)


def work_figures() -> Iterator[Metric]:
    """Of agents and customers. Platform context. Raises django.db.Error."""
    yield Metric("AgentRunsOpen", runs_open().count())
    yield Metric("AgentsFailing", agents_failing().count())
    yield Metric("ProvisioningsStuck", provisionings_stuck().count())
    yield Metric("GmailNeedsReconnect", connections_to_reconnect().count())
