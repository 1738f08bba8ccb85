"""What the agents' work takes: a tick with the real engine, its memory, its calls to Gmail, and what the model costs.

The mail is the demo customers', over and over under new names. The model is the stub, so tokens are a quarter of the
bytes; what they cost is by the dated price list of `agents.runtime.bridge.prices`.
"""

import contextlib
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

from openclaw_site.devstack import node
from openclaw_site.devstack.google.mailbox import demo_mailboxes
from openclaw_site.devstack.proctable import rss_mib
from tests.bench.table import Row
from tests.engines import real_engine_command
from tests.runtime.customer import AgentCustomer
from tests.runtime.factories import ADDRESS
from tests.runtime.loopback_gmail import LoopbackGmail, make_part
from tests.world import WORLD

MANY = 200
MAILS = 100
LOOK_SECONDS = 0.1


@dataclasses.dataclass(frozen=True)
class Ran:
    """One run of an agent as a process."""

    events: list[dict[str, Any]]
    peak_mib: float

    @property
    def tick_seconds(self) -> float:
        return float(self.of("tick_done")[0]["seconds"])

    @property
    def engine_seconds(self) -> float:
        return sum(float(event["seconds"]) for event in self.of("engine_ended"))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [entry for entry in self.events if entry["event"] == event]


def measure() -> Iterator[Row]:
    """A tick, a task's memory, calls to Gmail, the model's cost."""
    with _customer() as customer, contextlib.closing(_Gmail()) as gmail:
        customer.connect_gmail(gmail.secret())
        gmail.receive(1)
        one = _run(customer, gmail, "scout", real=True)
        ours = one.tick_seconds - one.engine_seconds
        yield Row("our own part of a tick", ours, "the engine's turn in it", one.engine_seconds, "s")
        yield Row("a tick with one new mail", one.tick_seconds, "the goal", 20.0, "s")
        yield Row("a task at its peak, engine included", one.peak_mib, "1 GiB", 1024.0, "MiB")
        gmail.receive(MANY)
        before = gmail.calls
        _run(customer, gmail, "scout", real=False)
        yield Row(f"calls to Gmail for {MANY} new mails", gmail.calls - before, "one each and five", MANY + 5, "calls")
        for role in ("butler", "writer"):
            _run(customer, gmail, role, real=False)
        customer.execute("DELETE FROM model_usage")
        gmail.receive(MAILS)
        for role in ("butler", "scout", "writer"):
            _run(customer, gmail, role, real=True)
        yield from _costs(customer)


def _costs(customer: AgentCustomer) -> Iterator[Row]:
    sums = "sum(cost_micro_usd), sum(input_tokens), sum(cache_write_tokens), sum(cache_read_tokens), sum(calls)"
    query = f"SELECT agent_role, {sums} FROM t_{customer.tenant}.model_usage GROUP BY agent_role"  # noqa: S608
    for role, cost, fresh, written, read, calls in customer.query(query):
        asked = float(fresh + written + read)
        yield Row(f"{role}'s model for {MAILS} new mails", float(cost) / 1e6, "a US dollar", 1.0, "USD")
        yield Row(f"of it read from the cache, in {calls} calls", float(read), "all that was asked", asked, "tokens")


class _Gmail(LoopbackGmail):
    """A mailbox that gets the demo's mail."""

    def __init__(self) -> None:
        super().__init__()
        self._mails = cycle(mail for box in demo_mailboxes() for mail in box.messages)
        self._number = 0

    def close(self) -> None:
        self.stop()

    def receive(self, count: int) -> None:
        for mail in islice(self._mails, count):
            self._number += 1
            sender = mail.sender.replace("@", f"@n{self._number}.")
            headers = {"From": sender, "To": ADDRESS, "Subject": mail.subject}
            listed = [{"name": name, "value": value} for name, value in headers.items()]
            self.put(
                {
                    "id": f"b{self._number}",
                    "threadId": f"tb{self._number}",
                    "labelIds": ["INBOX"],
                    "snippet": mail.text[:80],
                    "internalDate": str(1_700_000_000_000 + self._number * 1000),
                    "payload": make_part("text/plain", mail.text, headers=listed),
                }
            )


@contextlib.contextmanager
def _customer() -> Iterator[AgentCustomer]:
    from tenants.isolation.context import enter_platform
    from tenants.onboarding.steps.database_role import DatabaseRoleStep
    from tenants.onboarding.steps.iam_role import IamRoleStep
    from tenants.onboarding.steps.schema import SchemaStep
    from tests.factories import make_customer

    with enter_platform():
        made = make_customer(email=ADDRESS)
        for step in (SchemaStep(), DatabaseRoleStep(), IamRoleStep()):
            step.apply(made)
    yield AgentCustomer(made, WORLD)


def _run(customer: AgentCustomer, gmail: LoopbackGmail, role: str, *, real: bool) -> Ran:
    engine = (
        {"ENGINE_COMMAND": real_engine_command(), "ENGINE_COMPILE_CACHE": str(node.engine_compile_cache())}
        if real
        else {}
    )
    environ = customer.environ(
        AGENT_ROLE=role, GMAIL_API_ENDPOINT=gmail.url, MODEL_BUDGET_MICRO_USD=str(10**9), **engine
    )
    peak_mib = 0.0
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([sys.executable, "-m", "agents.runtime"], env=environ, stdout=output)
        while process.poll() is None:
            peak_mib = max(peak_mib, rss_mib(process.pid))
            time.sleep(LOOK_SECONDS)
        output.seek(0)
        lines = output.read().splitlines()
    if process.returncode:
        raise RuntimeError(f"{role} ended with {process.returncode}: {lines[-1]}")
    return Ran([json.loads(line) for line in lines], peak_mib)
