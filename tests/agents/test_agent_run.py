"""One tick of an agent on the operator's own machine."""

from agents.models import AgentRun
from agents.selectors import proof_of_life
from openclaw_site.devstack.world import World
from tenants.services import customer_pause
from tests.agents.command_line import run
from tests.agents.factories import agent_of, make_provisioned_customer


def test_agent_run_runs_one_tick_here_as_the_customers_role(aws: World) -> None:
    customer = make_provisioned_customer(aws, slug="acme", state="active")
    agent_of(customer)
    outcome = run("agent_run", "--customer", "acme", "--role", "butler")
    assert outcome.code == 0
    assert f'"tenant": "{customer.tenant_hex}"' in outcome.out
    assert "The agent did its work and ended" in outcome.out
    assert "proof_of_life" in outcome.out
    assert set(proof_of_life(customer=customer)) == {"butler"}
    assert "engine_ran" in outcome.out
    assert "write_brief" in outcome.out
    assert AgentRun.objects.count() == 0


def test_agent_run_refuses_a_paused_customer_and_says_an_exit_code_in_words(aws: World) -> None:
    customer = make_provisioned_customer(aws, slug="acme", state="active")
    agent_of(customer)
    aws.google.withdraw(customer.email)
    outcome = run("agent_run", "--customer", "acme", "--role", "scout")
    assert outcome.code == 67
    assert "Google no longer accepts the customer's refresh token. (exit code 67)" in outcome.out
    assert "It wrote nothing." in outcome.out

    customer_pause(customer=customer, actor=None)
    refused = run("agent_run", "--customer", "acme", "--role", "scout")
    assert (refused.code, refused.out) == (1, "")
    assert "is paused" in refused.err
