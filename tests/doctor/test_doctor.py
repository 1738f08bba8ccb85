"""`manage.py doctor`: what it says of a world that stands, and of each thing that is broken in it."""

import json
import os
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from openclaw_site.aws import facts, probes
from openclaw_site.aws.errors import AccessDenied, Throttled
from openclaw_site.devstack.world import World
from openclaw_site.doctor import Finding, Level, examine, names
from openclaw_site.doctor.permissions import NEEDS, PROCESSES, needs_of


def said(check: str, process: str = "operator") -> list[tuple[Level, str]]:
    return [(finding.level, finding.what) for finding in found(check, process)]


def found(check: str, process: str = "operator") -> list[Finding]:
    return [finding for examined in examine(process=process, only=[check]) for finding in examined.findings]


def levels(check: str, process: str = "operator") -> set[Level]:
    return {level for level, _ in said(check, process)}


@pytest.fixture
def standing(database: None, aws: World) -> World:
    return aws


@pytest.fixture
def denied(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Refuses one action, as IAM would."""

    def deny(action: str) -> None:
        service, method, parameters = probes.PROBES[action]

        class Refusing:
            def __getattr__(self, name: str) -> Any:
                def call(**_: Any) -> Any:
                    raise AccessDenied("not authorized", operation=action, code="AccessDeniedException")

                return call

        real = probes.client
        given = {action: Refusing()}
        monkeypatch.setitem(probes.PROBES, action, (f"{service}!denied", method, parameters))
        monkeypatch.setattr(probes, "client", lambda name: given[action] if name.endswith("!denied") else real(name))

    return deny


def test_a_world_that_stands_has_no_problem(standing: World) -> None:
    out = StringIO()
    call_command("doctor", "--process", "operator", stdout=out)
    text = out.getvalue()
    assert "0 problems" in text
    assert "`default`: PostgreSQL 18, as openclaw_app." in text
    assert "PROBLEM" not in text


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_is_looked_at_for_what_it_needs(standing: World, process: str) -> None:
    what = [text for level, text in said("permissions", process)]
    expected = len([need for need in needs_of(process) if need.action in probes.PROBES])
    assert what[0].startswith(f"{expected} of the calls" if expected else "Beat calls nothing")


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
        "DELETE FROM django_migrations WHERE (app, name) = ('billing', '0003_terms') RETURNING applied"
    ).fetchone()
    try:
        level, what = said("migrations")[0]
        assert level == Level.PROBLEM
        assert "the first is billing.0003_terms" in what
    finally:
        admin.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('billing', '0003_terms', %s)", row)


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


@pytest.mark.parametrize("action", sorted(probes.PROBES))
def test_a_refused_call_is_a_problem_that_names_it(standing: World, denied: Callable[[str], None], action: str) -> None:
    denied(action)
    problems = [what for level, what in said("permissions") if level == Level.PROBLEM]
    assert [what.split(" ")[0] for what in problems] == [action]


def test_what_could_not_be_told_is_a_warning(standing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def throttled(action: str, target: probes.Target) -> bool:
        raise Throttled("slow down", operation=action)

    monkeypatch.setattr("openclaw_site.doctor.checks.permissions.probes.is_allowed", throttled)
    assert levels("permissions", "web") == {Level.WARNING, Level.SKIPPED}


def test_probes_leave_no_trace(standing: World) -> None:
    found("permissions")
    secrets = standing.aws.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    roles = standing.aws.client("iam").list_roles(PathPrefix=os.environ["TENANT_ROLE_PATH"])["Roles"]
    versions = standing.aws.client("s3").list_object_versions(Bucket=os.environ["AGENT_BUCKET"])
    assert (secrets, roles, versions.get("Versions", []), versions.get("DeleteMarkers", [])) == ([], [], [], [])


def test_every_probe_is_of_a_call_that_somebody_makes() -> None:
    assert set(probes.PROBES) <= {need.action for need in NEEDS}


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
    from datetime import UTC, datetime, timedelta

    real = facts.seen_by_aws()
    late = facts.Seen(real.identity, datetime.now(UTC) - timedelta(minutes=6))
    monkeypatch.setattr(facts, "seen_by_aws", lambda: late)
    assert Level.PROBLEM in levels("aws")


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
