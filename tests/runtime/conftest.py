"""An agent's outside: a provisioned customer in the embedded world, and a Gmail that fails on command.

The customer is one a module, since making its schema takes longer than most of the tests: each test gets it with
empty tables and a fresh secret. A module that uses it leaves the fixtures `database` and `aws` alone, which would
take the customer away.
"""

from __future__ import annotations

import contextlib
import os
from unittest import mock

import psycopg
import pytest

from agents.runtime.config import read_config
from agents.runtime.store import open_store
from openclaw_site.aws.clients import reset_clients
from tenants.isolation.context import enter_platform
from tenants.onboarding.steps.database_role import DatabaseRoleStep
from tenants.onboarding.steps.iam_role import IamRoleStep
from tenants.onboarding.steps.schema import SchemaStep
from tests import factories
from tests.runtime.agent import Agent, LocalAgent
from tests.runtime.customer import AgentCustomer
from tests.runtime.factories import ADDRESS
from tests.runtime.loopback_gmail import LoopbackGmail

STEPS = (SchemaStep(), DatabaseRoleStep(), IamRoleStep())


@pytest.fixture
def gmail():
    server = LoopbackGmail()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def back_office(django_db_setup, django_db_blocker):
    """A context in which the back office's own functions may use the database."""
    from django.db import connections

    @contextlib.contextmanager
    def opened():
        with django_db_blocker.unblock(), enter_platform():
            yield
        # None is left for a test that restarts PostgreSQL.
        connections.close_all()

    return opened


@pytest.fixture(scope="module")
def provision(world, back_office):
    """A function that provisions a customer; all are gone, with everything of theirs, after the module."""
    reset_clients()
    with contextlib.ExitStack() as stack:

        def make(email):
            with back_office():
                customer = factories.make_customer(email=email)
                stack.callback(_erase, world, customer)
                for step in STEPS:
                    stack.callback(_undo, back_office, step, customer)
                    step.apply(customer)
            return customer

        yield make
    reset_clients()


def _undo(back_office, step, customer):
    with back_office():
        step.undo(customer)


def _erase(world, customer):
    with psycopg.connect(world.environment()["DATABASE_ADMIN_URL"]) as connection:
        connection.execute("DELETE FROM tenants_gmailconnection WHERE tenant_id = %s", (customer.id,))
        connection.execute("DELETE FROM tenants_domain WHERE tenant_id = %s", (customer.id,))
        connection.execute("DELETE FROM tenants_customer WHERE id = %s", (customer.id,))


@pytest.fixture(scope="module")
def provisioned(provision, world):
    return AgentCustomer(provision(ADDRESS), world)


@pytest.fixture
def customer(provisioned, gmail):
    """The module's customer, connected to this test's Gmail."""
    with mock.patch.dict(provisioned.aws_environ):
        provisioned.connect_gmail(gmail.secret())
        yield provisioned
    provisioned.erase_rows()
    provisioned.disconnect_gmail()


@pytest.fixture
def open_as(customer):
    """A function that opens a store as one of the customer's agents."""
    reset_clients()
    yield lambda role="butler": open_store(read_config(customer.environ(AGENT_ROLE=role)))
    reset_clients()


@pytest.fixture
def start_agent(gmail):
    """A function that starts an agent of a customer as a process; whatever is left is killed at the end."""
    with contextlib.ExitStack() as stack:

        def start(customer, **changes):
            agent = Agent(customer.environ(**{"GMAIL_API_ENDPOINT": gmail.url, **changes}))
            stack.callback(agent.close)
            return agent

        yield start


@pytest.fixture
def run_agent(gmail):
    """A function that starts an agent of a customer in a thread; whatever is left is stopped at the end.

    One customer at a time: the AWS credentials are the whole process's.
    """
    with contextlib.ExitStack() as stack:
        stack.callback(reset_clients)

        def run(customer, *, settings=None, **changes):
            reset_clients()
            environ = customer.environ(**{"GMAIL_API_ENDPOINT": gmail.url, **changes})
            stack.enter_context(mock.patch.dict(os.environ, customer.aws_environ))
            agent = LocalAgent(environ, **(settings or {}))
            stack.callback(agent.close)
            return agent

        yield run
