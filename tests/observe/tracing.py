"""Tracing of this process and of a worker's, for the length of a test."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from openclaw_site.observe.tracing import Tracing, start
from tests.conftest import forget_contexts
from tests.faults.workers import ROOT
from tests.observe.collector import Collector, Told


@contextmanager
def traced(settings: Any, collector: Collector | None, ratio: float = 1.0) -> Iterator[Tracing]:
    """This process is traced; connections are opened anew, so that their statements are."""
    settings.TRACES_ENDPOINT = collector.url if collector else "http://127.0.0.1:9"
    settings.TRACES_RATIO, settings.SERVICE_NAME, settings.PROCESS = ratio, "openclaw-test-web", "web"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE]
    forget_contexts()
    tracing = start()
    try:
        yield tracing
    finally:
        tracing.stop()
        forget_contexts()


def told(settings: Any, collector: Collector, work: Callable[[], Any], *, ratio: float = 1.0) -> tuple[list[Told], Any]:
    """The spans of this work, and its result."""
    with traced(settings, collector, ratio) as tracing:
        result = work()
        tracing.flush()
        return collector.spans(), result


def worker(
    collector: Collector, *options: str, log: Path | None = None, **environment: str
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """A worker; with threads, as in production, unless `options` say otherwise."""
    pool = options or ("--pool", "threads", "--concurrency", "2")
    return celery(collector, "worker", "-Q", "default", "--loglevel", "INFO", *pool, log=log, **environment)


@contextmanager
def celery(
    collector: Collector, *words: str, log: Path | None = None, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Celery's that tells this collector everything; what it logs goes to `log`, if given."""
    with ExitStack() as files:
        errors = files.enter_context(log.open("wb")) if log else None
        process = _start(collector, words, environment, errors)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _start(
    collector: Collector, words: tuple[str, ...], environment: dict[str, str], errors: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "celery", "-A", "openclaw_site", *words],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "openclaw_site.settings.test",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_SERVICE_NAME": f"openclaw-test-{words[0]}",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
            "OTEL_TRACES_SAMPLER_ARG": "1",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            **environment,
        },
        stderr=errors,
        start_new_session=True,
    )
