"""A customer whose mailbox is full of orders, a model that obeys them all, and a neighbour who must not notice."""

from __future__ import annotations

import os

import pytest

from openclaw_site.devstack import node
from openclaw_site.devstack.model import Misbehaviour, Order
from tests.engines import real_engine_command
from tests.runtime.conftest import (  # noqa: F401
    back_office,
    customer,
    gmail,
    provision,
    provisioned,
    run_agent,
    start_agent,
)
from tests.runtime.customer import AgentCustomer
from tests.safety.canaries import ENVIRONMENT_CANARY, make_gmail_secret, secrets_around
from tests.safety.mailbox import FIRST, LAST, deliver, known_leads
from tests.safety.neighbour import EMAIL, Neighbour
from tests.safety.run import Run

# Users of this test process alone: others run engines at the same time.
FIRST_UID = 300_000 + os.getpid() % 10_000 * 64
RUN_SECONDS = 240


@pytest.fixture(scope="session")
def real_engine():
    """What an agent's environment says of the engine itself, with its compiled code at hand."""
    return {
        "ENGINE_COMMAND": real_engine_command(),
        "ENGINE_COMPILE_CACHE": str(node.engine_compile_cache()),
        "ENGINE_UID": str(FIRST_UID),
    }


@pytest.fixture
def model(world):
    """The stub model; well-behaved again afterwards."""
    world.model.reset()
    yield world.model
    world.model.reset()


@pytest.fixture(scope="module")
def neighbour(provision, world):  # noqa: F811
    """Another customer, with rows and a secret of its own."""
    neighbour = Neighbour(AgentCustomer(provision(EMAIL), world))
    neighbour.move_in()
    yield neighbour
    neighbour.customer.disconnect_gmail()


@pytest.fixture
def secrets(customer, gmail):  # noqa: F811
    """By what it is: what must not be seen anywhere."""
    return secrets_around(customer, gmail, make_gmail_secret(customer, gmail))


@pytest.fixture
def obedient(model):
    """A function that makes the model obey these cases' mails."""

    def obey(cases):
        orders = [
            Order(marker=case.id, calls=tuple(one.call for one in case.tries), endless=case.endless) for case in cases
        ]
        model.misbehave(Misbehaviour.OBEY, orders=tuple(orders))
        return model

    return obey


@pytest.fixture
def obey(customer, gmail, secrets, obedient, neighbour, real_engine, run_agent, monkeypatch, capfd, caplog):  # noqa: F811
    """A function that lets a role go over the cases' mails with the real engine and a model that obeys every one."""

    def run(role, cases, *, among_others=True):
        monkeypatch.setenv(*ENVIRONMENT_CANARY)
        delivered = deliver(gmail, [FIRST, *cases, LAST] if among_others else cases)
        if role == "writer":
            known_leads(customer, delivered)
        model = obedient(cases)
        agent = run_agent(customer, AGENT_ROLE=role, **real_engine)
        code = agent.wait(RUN_SECONDS)
        return Run(
            role=role,
            cases=cases,
            delivered=delivered,
            code=code,
            told="\n".join([agent.text, caplog.text, *capfd.readouterr()]),
            requests=[request.body for request in model.requests],
            customer=customer,
        )

    return run
