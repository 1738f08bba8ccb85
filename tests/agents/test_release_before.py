"""Programs of the release before go on while the new migrations are in, until they are restarted."""

import uuid

import pytest
from django.db import connection

from agents.models import AgentRun
from tests.agents.factories import agent_of
from tests.factories import make_customer


def test_a_run_is_inserted_without_the_columns_that_are_new() -> None:
    agent, run_id = agent_of(make_customer(state="active")), uuid.uuid4()
    known = {
        "id": run_id,
        "tenant_id": agent.tenant_id,
        "agent_id": agent.pk,
        "trigger": "schedule",
        "state": "requested",
        "attempt": 1,
        **dict.fromkeys(("task_arn", "task_definition_arn", "capacity_provider", "stop_code", "stopped_reason"), ""),
    }
    _insert("agents_agentrun", known)
    run = AgentRun.objects.get(pk=run_id)
    assert (run.model_budget_cents, run.model_calls, run.cost_micro_usd, run.tool_refusals) == (0, 0, 0, 0)


@pytest.mark.parametrize("name", ["agentrun_unmeasured"])
def test_an_index_that_was_built_beside_the_writes_is_valid(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", (name,))
        assert cursor.fetchone() == (True,)


def _insert(table: str, values: dict[str, object]) -> None:
    names, places = ", ".join(values), ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(values.values()))  # noqa: S608
