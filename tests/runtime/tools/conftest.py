"""A customer whose mailbox is really at the embedded Google, and servers of its agents' tools."""

import contextlib
import functools
from unittest import mock

import pytest

from agents.runtime.config import read_config
from agents.runtime.gmail import Mailbox
from agents.runtime.logging import RuntimeLog
from agents.runtime.meter import Meter
from agents.runtime.retry import Patience
from agents.runtime.secret import read_gmail_secret
from agents.runtime.store import open_store
from agents.runtime.tools import Lot, ToolServer
from openclaw_site.aws.clients import reset_clients
from tests.agents.factories import MAILBOX, connect_gmail
from tests.runtime.customer import AgentCustomer
from tests.runtime.tools.engine import Engine

TOKEN = "tools-token-hush"


def patience():
    return Patience(pause=lambda seconds: False)


@pytest.fixture(scope="module")
def owner(provision, back_office, world):
    """The customer, connected by a consent of its own; its AWS credentials are this process's meanwhile."""
    customer = provision(MAILBOX)
    with back_office():
        connect_gmail(world, customer)
    owner = AgentCustomer(customer, world)
    with mock.patch.dict("os.environ", owner.aws_environ):
        reset_clients()
        yield owner
    reset_clients()
    owner.disconnect_gmail()


@pytest.fixture(scope="module")
def mailbox(owner, world):
    config = read_config(owner.environ())
    secret = read_gmail_secret(config.gmail_secret_name)
    box = Mailbox(secret=secret, address=owner.email, endpoint=world.google.url, meter=Meter())
    with contextlib.closing(box):
        box.authorise(patience())
        yield box


@pytest.fixture(scope="module")
def log_lines():
    return []


@pytest.fixture
def lines(log_lines):
    """What the servers logged in this test."""
    log_lines.clear()
    return log_lines


@pytest.fixture
def rows(owner, lines, caplog):
    """The customer, with empty tables; afterwards no word of a mail stands in a log line or an activity."""
    caplog.set_level("DEBUG", logger="")
    yield owner
    told = "".join(map(str, owner.activities()))
    owner.erase_rows()
    assert "hush" not in told + "".join(lines)
    assert "hush" not in caplog.text


@pytest.fixture
def receive(rows, world, mailbox):
    """A function that lets a mail arrive and stores its envelope, as a tick does; the stored message."""

    def arrive(*, sender="Mia Hush <mia@hush.example>", subject="Roof-hush", text="A new roof, hush"):
        gmail_id = world.google.deliver(MAILBOX, sender=sender, subject=subject, text=text)
        message = mailbox.message(gmail_id, patience())
        with open_store(read_config(rows.environ())) as store:
            store.record([message], lambda new: [])
        return message

    return arrive


@pytest.fixture(scope="module")
def start(owner, mailbox, log_lines):
    """A function that starts a server of a role's tools, and gives an engine for it; stopped after the module."""
    with contextlib.ExitStack() as stack:

        def started(role, *, lot=None, mode="legacy", source=None, around=None, **changes):
            config = read_config(owner.environ(AGENT_ROLE=role, **changes))
            server = ToolServer(
                role=role,
                store_factory=lambda: around(open_store(config)) if around else open_store(config),
                mailbox=source or mailbox,
                token=TOKEN,
                log=RuntimeLog(role=role, write=log_lines.append),
                lot=lot or Lot(),
            )
            stack.enter_context(server)
            return Engine(server, TOKEN, mode=mode)

        yield started


@pytest.fixture(scope="module")
def plain_servers(start):
    return functools.cache(start)


@pytest.fixture
def serve(rows, lines, start, plain_servers):
    """A function that gives an engine for a role's tools, with nothing counted yet; one that is asked for more than
    the role has a server of its own."""

    def engine(role, *, mode="legacy", **more):
        if more:
            return start(role, mode=mode, **more)
        engine = plain_servers(role, mode=mode)
        engine.server.calls.clear()
        return engine

    return engine
