"""Asks Google how far many customers' mailboxes have come, several at a time, until a deadline. Platform context.

Owns the threads, each with a connection and a context of its own. Google is waited for no longer than the caller says:
a call that hangs is left to its own timeout, and its thread then ends. The seats are the process's, so that lots and
rounds that follow each other never ask more at once than one of them does, whatever still hangs.
"""

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Final

from django.db import connections

from openclaw_site.aws.errors import AwsError
from tenants.gmail.google import GmailTrouble
from tenants.gmail.services import connection_prove
from tenants.isolation.context import enter_platform
from tenants.models import GmailConnection, GmailState

logger = logging.getLogger(__name__)

# Each holds a database connection and waits for Google most of its time.
ASKED_AT_ONCE: Final = 8

_seats = threading.BoundedSemaphore(ASKED_AT_ONCE)


def history_ids(*, customer_ids: Iterable[uuid.UUID], seconds: float) -> dict[uuid.UUID, str]:
    """Gmail's newest history id of each mailbox that told it within so many seconds; the others are left out.

    Safe to repeat. Two calls to Google for a customer; what they say of its connection is recorded, late answers too.
    """
    until = time.monotonic() + seconds
    waiting, answers = deque(customer_ids), dict[uuid.UUID, str]()
    if not waiting:
        return {}
    workers = min(ASKED_AT_ONCE, len(waiting))
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="mailboxes")
    try:
        # Each in a copy of this context, so that the threads' calls stand in the trace of the task that asked.
        threads = [pool.submit(copy_context().run, _ask_in_turn, waiting, answers, until) for _ in range(workers)]
        wait(threads, timeout=seconds)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return {customer_id: history_id for customer_id, history_id in dict(answers).items() if history_id}


def _ask_in_turn(waiting: deque[uuid.UUID], answers: dict[uuid.UUID, str], until: float) -> None:
    if not _seats.acquire(timeout=max(0.0, until - time.monotonic())):
        return
    try:
        while time.monotonic() < until:
            try:
                customer_id = waiting.popleft()
            except IndexError:
                return
            answers[customer_id] = _history_id(customer_id)
    finally:
        connections.close_all()
        _seats.release()


def _history_id(customer_id: uuid.UUID) -> str:
    """Empty when it can't be told."""
    try:
        with enter_platform():
            if connection_prove(customer_id=customer_id) != GmailState.CONNECTED:
                return ""
            return GmailConnection.objects.values_list("history_id", flat=True).get(tenant_id=customer_id)
    except (AwsError, GmailTrouble):
        return ""
    except Exception as error:
        # One customer's trouble must not hold up the others: its agents are started, and their runs say what is wrong.
        logger.warning("The mailbox of customer %s could not be asked: %s", customer_id, type(error).__name__)
        return ""
