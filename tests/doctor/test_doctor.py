"""`manage.py doctor`: what it says of a world that stands, and of each thing that is broken in it."""

import json
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from agents.models import Agent, AgentRole
from openclaw_site.aws import facts
from openclaw_site.aws.clients import reset_clients
from openclaw_site.devstack.world import World
from openclaw_site.doctor import Level, examine, names
from openclaw_site.doctor.checks import database as database_check
from openclaw_site.doctor.checks import money
from openclaw_site.management.commands import doctor
from tenants.isolation.context import enter_platform
from tests.aws.faults import FaultyAws
from tests.doctor.examined import found, levels, said
from tests.factories import make_customer
from tests.faults.aws_faults import denies
from tests.faults.aws_proxy import AwsProxy


def test_a_world_that_stands_has_no_problem(standing: World) -> None:
    out = StringIO()
    call_command("doctor", "--process", "operator", stdout=out)
    text = out.getvalue()
    assert "0 problems" in text
    assert "`default`: PostgreSQL 18, as openclaw_app." in text
    assert "PROBLEM" not in text


def test_json_has_every_check_and_its_findings(standing: World) -> None:
    out = StringIO()
    call_command("doctor", "--process", "operator", "--json", stdout=out)
    seen = json.loads(out.getvalue())
    assert [check["name"] for check in seen] == names()
    assert all(check["findings"] for check in seen)


def test_a_start_looks_at_little_and_asks_no_aws(standing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: Any, **__: Any) -> Any:
        raise AssertionError("AWS was asked")

    monkeypatch.setattr(facts.account, "client", asked)
    monkeypatch.setattr(facts.platform, "client", asked)
    assert [examined.name for examined in examine(process="web", at_start=True)] == ["database", "migrations"]


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("doctor", "--only", "weather")


# -- the database ---------------------------------------------------------------------------------------


def lead_to(monkeypatch: pytest.MonkeyPatch, **parts: Any) -> None:
    settings = {**connections["default"].settings_dict, **parts}
    monkeypatch.setattr(connections["default"], "settings_dict", settings)


def test_a_superuser_is_a_problem(standing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    lead_to(monkeypatch, USER=admin.username, PASSWORD=admin.password or "")
    level, what = said("database")[0]
    assert level == Level.PROBLEM
    assert "whom Row-Level Security does not hold" in what


def test_another_login_is_a_problem(standing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = connections["owner"].settings_dict
    lead_to(monkeypatch, USER=owner["USER"], PASSWORD=owner["PASSWORD"])
    assert said("database")[0] == (Level.PROBLEM, "`default` logs in as openclaw_owner, not openclaw_app.")


def test_a_dead_database_is_a_problem_with_what_to_do_and_without_its_password(
    standing: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_to(monkeypatch, PORT=1, PASSWORD="hidden-word")
    finding = found("database")[0]
    assert finding.level == Level.PROBLEM
    assert "can't be reached" in finding.what
    assert "security groups" in finding.next_action
    assert "hidden-word" not in finding.what + finding.next_action


def test_a_database_that_drops_what_it_is_sent_holds_a_start_for_seconds(
    standing: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = StringIO()
    with socket.create_server(("127.0.0.1", 0)) as silent, monkeypatch.context() as patch:
        patch.setenv("PGCONNECT_TIMEOUT", "")
        patch.delenv("PGCONNECT_TIMEOUT")
        patch.setattr(doctor, "_CONNECT_SECONDS", "2")
        patch.setattr(database_check, "_CONNECT_SECONDS", 2)
        for alias in ("default", "owner"):
            at = {"HOST": "127.0.0.1", "PORT": silent.getsockname()[1]}
            connections[alias].close()
            patch.setattr(connections[alias], "settings_dict", {**connections[alias].settings_dict, **at})
            patch.setattr(connections[alias], "transaction_pooling", True)
        began = time.monotonic()
        with pytest.raises(SystemExit) as ended:
            call_command("doctor", "--process", "provisioner", "--start", stdout=out)
        took = time.monotonic() - began
    assert (ended.value.code, took < 9) == (1, True)
    assert "The database `default` can't be reached" in out.getvalue()
    assert "PostgreSQL does not answer." in out.getvalue()


def test_an_owners_url_where_none_belongs_is_told(standing: World) -> None:
    assert (Level.WARNING, "DATABASE_OWNER_URL is set, and this process needs no owner's rights.") in said(
        "database", "web"
    )


@pytest.fixture
def admin(standing: World) -> Iterator[psycopg.Connection]:
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as connection:
        yield connection


def test_a_migration_that_is_missing_is_a_problem(admin: psycopg.Connection) -> None:
    row = admin.execute(
        "DELETE FROM django_migrations WHERE app = 'billing'"
        " AND name = (SELECT max(name) FROM django_migrations WHERE app = 'billing') RETURNING name, applied"
    ).fetchone()
    assert row is not None
    try:
        level, what = said("migrations")[0]
        assert level == Level.PROBLEM
        assert f"the first is billing.{row[0]}" in what
    finally:
        admin.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('billing', %s, %s)", row)


def test_a_schema_that_is_newer_is_a_warning(admin: psycopg.Connection) -> None:
    admin.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('billing', '9999_later', now())")
    try:
        assert levels("migrations") == {Level.WARNING}
    finally:
        admin.execute("DELETE FROM django_migrations WHERE name = '9999_later'")


def test_a_fallen_wall_is_a_problem(admin: psycopg.Connection) -> None:
    admin.execute("ALTER TABLE agents_agentrun NO FORCE ROW LEVEL SECURITY")
    try:
        problems = [what for level, what in said("walls") if level == Level.PROBLEM]
        assert problems == ["agents_agentrun has a tenant_id, but row-level security is not forced on it."]
    finally:
        admin.execute("ALTER TABLE agents_agentrun FORCE ROW LEVEL SECURITY")


# -- Redis ------------------------------------------------------------------------------------------------


def test_a_dead_redis_is_a_problem(settings: Any) -> None:
    settings.REDIS_URL = "redis://:hidden-word@127.0.0.1:1/0"
    finding = found("cache")[0]
    assert (finding.level, "hidden-word" in finding.what) == (Level.PROBLEM, False)


def test_a_redis_that_refuses_us_is_a_problem(settings: Any) -> None:
    settings.REDIS_URL = settings.REDIS_URL.replace("redis://", "redis://nobody:wrong@")
    finding = found("cache")[0]
    assert finding.what == "Redis refuses the log-in by its URL."


# -- AWS --------------------------------------------------------------------------------------------------


def test_a_missing_definition_is_a_problem(standing: World, settings: Any) -> None:
    settings.ECS_TASK_DEFINITION_REVISIONS = {"scout": "77"}
    assert (Level.PROBLEM, "There is no task definition openclaw-dev-scout:77.") in said("tasks")


def test_a_missing_subnet_is_a_problem(standing: World, settings: Any) -> None:
    settings.ECS_SUBNETS = [*settings.ECS_SUBNETS, "subnet-00000000000000000"]
    assert (Level.PROBLEM, "There is no subnet subnet-00000000000000000.") in said("network")


@pytest.mark.parametrize("name", ["AGENT_BUCKET", "AGENT_LOG_GROUP", "TASK_EVENTS_QUEUE_URL"])
def test_a_missing_store_is_a_problem(standing: World, settings: Any, name: str) -> None:
    setattr(settings, name, getattr(settings, name) + "-gone")
    assert Level.PROBLEM in levels("storage")


def test_more_agents_than_connections_are_a_warning(standing: World, settings: Any) -> None:
    settings.AGENT_MAX_RUNNING = 100_000
    assert said("limits")[0][0] == Level.WARNING


def test_a_clock_that_is_off_is_a_problem(standing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = facts.seen_by_aws()
    late = facts.Seen(real.identity, datetime.now(UTC) - timedelta(minutes=6))
    monkeypatch.setattr(facts, "seen_by_aws", lambda: late)
    assert Level.PROBLEM in levels("aws")


@pytest.fixture
def faulty(standing: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyAws]:
    """AWS as a server that answers what the test tells it to."""
    with FaultyAws() as faulty, monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", faulty.url)
        reset_clients()
        yield faulty
    reset_clients()


def test_a_clock_for_which_aws_refuses_us_is_named(faulty: FaultyAws, monkeypatch: pytest.MonkeyPatch) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda *_: later)
    error = "<Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired</Message></Error>"
    faulty.answer(403, f"<ErrorResponse>{error}</ErrorResponse>")
    clock, identity = said("aws")
    assert clock[0] == identity[0] == Level.PROBLEM
    assert clock[1].startswith("The clock is 3") and clock[1].endswith("AWS and Google refuse what it signs.")
    assert identity[1].startswith("AWS does not know this process")


def test_agents_that_are_due_faster_than_they_can_be_started_are_a_warning(
    standing: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with enter_platform():
        customer = make_customer()
        for role in AgentRole.values:
            Agent.objects.create(tenant=customer, role=role, interval_minutes=5)
    assert (Level.OK, "Agents are due 0.01 times a second at most; 10 can be started.") in said("limits")
    monkeypatch.setattr("openclaw_site.doctor.checks.limits.RATE_PER_SECOND", 0.005)
    warnings = [what for level, what in said("limits") if level == Level.WARNING]
    assert any(what.startswith("Agents are due 0.0 times a second") for what in warnings)


def test_what_may_not_be_looked_at_is_skipped(proxy: AwsProxy) -> None:
    proxy.on("ec2:DescribeSubnets", denies)
    assert levels("network") == {Level.SKIPPED}


# -- the cost allocation tag ----------------------------------------------------------------------------------


def known_as(status: str) -> dict[str, Any]:
    return {"CostAllocationTags": [{"TagKey": "TenantID", "Type": "UserDefined", "Status": status}]}


@pytest.mark.parametrize(
    ("answer", "level", "what"),
    [
        ({"CostAllocationTags": []}, Level.WARNING, "Billing does not know the tag TenantID yet."),
        (known_as("Inactive"), Level.WARNING, "The tag TenantID is not active in billing."),
        (known_as("Active"), Level.OK, "Billing splits costs by TenantID."),
    ],
)
def test_where_the_cost_tag_stands(faulty: FaultyAws, answer: dict[str, Any], level: Level, what: str) -> None:
    faulty.answer(200, answer)
    assert said("costs") == [(level, what)]


def test_the_cost_tag_is_activated_once_billing_knows_it(faulty: FaultyAws) -> None:
    faulty.answer(200, known_as("Inactive"))
    faulty.answer(200, {"Errors": []})
    out = StringIO()
    call_command("doctor", "--activate-cost-tag", stdout=out)
    assert "from now on" in out.getvalue()
    asked = json.loads(faulty.requests[-1])
    assert asked == {"CostAllocationTagsStatus": [{"TagKey": "TenantID", "Status": "Active"}]}


def test_a_cost_tag_that_billing_does_not_know_is_not_activated(faulty: FaultyAws) -> None:
    faulty.answer(200, {"CostAllocationTags": []})
    with pytest.raises(CommandError, match="Wait a day"):
        call_command("doctor", "--activate-cost-tag")
    assert len(faulty.requests) == 1


def test_billing_that_refuses_the_cost_tag_is_heard(faulty: FaultyAws) -> None:
    faulty.answer(200, known_as("Inactive"))
    faulty.answer(200, {"Errors": [{"TagKey": "TenantID", "Code": "Failed", "Message": "only the payer may"}]})
    with pytest.raises(CommandError, match="only the payer may"):
        call_command("doctor", "--activate-cost-tag")


# -- Google and mail ----------------------------------------------------------------------------------------


def test_a_wrong_client_secret_is_a_problem(standing: World, settings: Any) -> None:
    settings.GOOGLE_CLIENT_SECRET = "not-the-secret"
    finding = found("google")[0]
    assert finding.what == "Google refuses the client or its secret."
    assert "not-the-secret" not in finding.next_action


def test_a_secret_that_was_never_put_says_where_it_goes(settings: Any) -> None:
    settings.GOOGLE_CLIENT_SECRET = "unset"
    finding = found("google")[0]
    assert finding.level == Level.PROBLEM
    assert "Secrets Manager" in finding.next_action


def test_a_google_that_is_away_is_a_problem(settings: Any) -> None:
    settings.GOOGLE_TOKEN_URL = "http://127.0.0.1:1/token"
    assert levels("google") == {Level.PROBLEM}


def test_a_mail_server_that_is_away_is_a_problem(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert levels("mail") == {Level.PROBLEM}


def test_mail_that_goes_nowhere_is_a_warning(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert said("mail") == [(Level.WARNING, "Mail goes nowhere: filebased keeps it here.")]


# -- a check that breaks --------------------------------------------------------------------------------------


def test_a_check_that_breaks_is_a_problem_of_its_own(standing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(bucket: str) -> bool:
        raise RuntimeError("the secret is s3cr3t")

    monkeypatch.setattr(facts, "bucket_exists", broken)
    assert said("storage")[-1] == (Level.PROBLEM, "The check broke: RuntimeError.")
    assert [examined.name for examined in examine(process="operator")] == names()


def test_invoices_without_a_seller_are_warned_of(settings: Any) -> None:
    settings.INVOICE_SELLER = "OpenClaw"
    [unset] = money.invoices("operator")
    assert (unset.level, "INVOICE_SELLER" in unset.next_action) == (Level.WARNING, True)
    settings.INVOICE_SELLER = "Claws Ltd\n1 Quay\nIBAN XX00"
    [named] = money.invoices("operator")
    assert (named.level, named.what) == (Level.OK, "Invoices name Claws Ltd.")
