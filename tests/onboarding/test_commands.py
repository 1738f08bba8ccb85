"""The operators' commands: what they print, and what their exit codes say."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tenants.isolation.context import enter_platform
from tenants.models import Customer, CustomerState, Provisioning, ProvisioningState, StepState
from tests.onboarding.runs import FIRST_FOUR, VALID

STEPS = ["schema", "database_role", "storage_prefix", "iam_role"]
ARGUMENTS = ["--name", VALID["name"], "--email", VALID["email"], "--subdomain", VALID["slug"]]


@pytest.fixture(autouse=True)
def parts(database: None, aws: object, settings: Any) -> None:
    settings.PROVISIONING_STEPS = FIRST_FOUR


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and standard output."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_a_customers_life_on_the_command_line() -> None:
    code, text = run("onboard_customer", *ARGUMENTS, "--json")
    asked = json.loads(text)
    assert (code, asked["state"], asked["plan"]) == (0, CustomerState.PENDING, "starter")
    assert [step["state"] for step in asked["provisioning"]["steps"]] == [StepState.PENDING] * 4

    code, text = run("provision", "harborline", "--json")
    assert (code, json.loads(text)["state"]) == (3, ProvisioningState.QUEUED)

    code, text = run("provision", "harborline", "--inline")
    assert code == 0
    assert "Database schema: done" in text
    code, text = run("provision", "harborline", "--json")
    assert (code, [step["name"] for step in json.loads(text)["steps"]]) == (0, STEPS)

    code, text = run("customers")
    assert code == 0
    assert "harborline.localhost" in text
    assert "active" in text
    assert json.loads(run("customers", "--search", "roofing", "--json")[1])[0]["tenant_id"] == asked["tenant_id"]
    assert json.loads(run("customers", "--state", "paused", "--json")[1]) == []

    code, text = run("close_customer", "harborline", "--yes", "--inline", "--json")
    certificate = json.loads(text)
    assert (code, certificate["complete"], certificate["tenant_id"]) == (0, True, asked["tenant_id"])
    assert list(certificate["deleted"]) == STEPS[::-1]
    assert all(certificate["deleted"].values())
    assert json.loads(run("customers", "--json")[1]) == []

    code, text = run("close_customer", "harborline", "--yes")
    assert code == 0
    assert "closed at" in text


def test_closing_is_not_done_without_yes() -> None:
    run("onboard_customer", *ARGUMENTS)
    code, text = run("close_customer", "harborline")
    assert (code, "--yes" in text) == (2, True)
    with enter_platform():
        assert Customer.objects.get().state == CustomerState.PENDING


def test_bad_input_is_named_by_field_with_exit_code_2() -> None:
    code, text = run("onboard_customer", "--name", "X", "--email", "x", "--subdomain", "admin", "--plan", "gold")
    assert code == 2
    assert [line.split(":")[0] for line in sorted(text.splitlines())] == ["email", "plan", "slug"]
    assert run("provision", "nobody")[0] == 2
    assert run("close_customer", "nobody", "--yes")[0] == 2


def test_a_failed_step_is_shown_with_what_to_do_and_retried(settings: Any) -> None:
    boundary = settings.TENANT_BOUNDARY_ARN
    settings.TENANT_BOUNDARY_ARN = ""
    run("onboard_customer", *ARGUMENTS)
    code, text = run("provision", "harborline", "--inline")
    assert code == 1
    assert "without a permissions boundary" in text
    assert "What to do:" in text
    assert run("provision", "harborline")[0] == 1

    settings.TENANT_BOUNDARY_ARN = boundary
    assert run("provision", "harborline", "--retry", "--inline")[0] == 0
    code, text = run("provision", "harborline", "--retry")
    assert (code, "nothing to retry" in text) == (2, True)


def test_waiting_ends_when_patience_does() -> None:
    code, text = run("onboard_customer", *ARGUMENTS, "--wait", "0.1")
    assert code == 3
    assert "is pending" in text
    with enter_platform():
        assert Provisioning.objects.get().state == ProvisioningState.QUEUED
    assert run("close_customer", "harborline", "--yes", "--wait", "0.1")[0] == 3
