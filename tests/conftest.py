"""The world's fixtures: a database, an AWS, Celery in the caller's thread; each cleaned after the test that used it."""

import io
import os
from collections.abc import Iterator
from typing import Any

import pytest

from openclaw_site.devstack.world import World
from tests.world import WORLD

_KEPT_TABLES = {
    "django_migrations", "billing_plan", "billing_price", "agents_fleet", "django_content_type", "auth_permission",
    "auth_group", "auth_group_permissions",
}  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test begins first, so that no worker waits for it alone at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/platform/apply/"))


@pytest.fixture(scope="session")
def world() -> World:
    """The embedded world."""
    return WORLD


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> None:
    """In place of pytest-django's test database: ours is fresh already; make its roles and tables once."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        call_command("bootstrap_database", verbosity=0, stdout=io.StringIO())
        call_command("migrate", verbosity=0, stdout=io.StringIO())


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database without customers or people, truly committed to; emptied again afterwards, Redis too."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            forget_contexts()
            drop_schemas(but=set())
            delete_rows()
            _empty_redis()


def forget_contexts() -> None:
    """Close this thread's connections and forget whose data they were for."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "context"):
            connection.context = None


def drop_schemas(*, but: set[str]) -> None:
    """Drop customers' schemas and database roles, except those named."""
    from django.db import connections
    from psycopg import sql

    with connections["owner"].cursor() as cursor:
        for kind, names in (
            ("SCHEMA", "SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[0-9a-f]{32}$'"),
            ("ROLE", "SELECT rolname FROM pg_roles WHERE rolname ~ '^t_[0-9a-f]{32}$'"),
        ):
            cursor.execute(names)
            for name in {row[0] for row in cursor.fetchall()} - but:
                how = sql.SQL("DROP {} {} CASCADE" if kind == "SCHEMA" else "DROP {} {}")
                cursor.execute(how.format(sql.SQL(kind), sql.Identifier(name)))


def delete_rows() -> None:
    """Delete every row of the public tables but the platform's own.

    One transaction, which the foreign keys are deferred to the end of: 2 ms, where TRUNCATE took 45.
    """
    from django.db import connections, transaction
    from psycopg import sql

    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted({row[0] for row in cursor.fetchall()} - _KEPT_TABLES)
        deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier("public", table)) for table in tables]
        cursor.execute("UPDATE agents_fleet SET paused_at = NULL, paused_by_id = NULL, reason = ''")
        cursor.execute(sql.SQL("; ").join(deletes))
        # Plans that a test made; those of the migrations stay.
        cursor.execute("DELETE FROM billing_plan WHERE code NOT IN ('starter', 'team', 'always-on')")


def _empty_redis() -> None:
    import redis

    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushdb()


@pytest.fixture
def aws(world: World) -> Iterator[World]:
    """The embedded AWS with its platform; what a test made of a customer's is deleted afterwards.

    A test that leads the clients elsewhere calls `reset_clients` before and after: making them takes long.
    """
    yield world
    _stop_tasks()
    _delete_customers_things()


def _stop_tasks() -> None:
    from openclaw_site.aws.clients import client

    ecs, cluster = client("ecs"), os.environ["ECS_CLUSTER"]
    for status in ("RUNNING", "PENDING"):
        for page in ecs.get_paginator("list_tasks").paginate(cluster=cluster, desiredStatus=status):
            for arn in page["taskArns"]:
                ecs.stop_task(cluster=cluster, task=arn, reason="test ended")


def _delete_customers_things() -> None:
    from openclaw_site.aws.clients import client

    secrets, iam, s3, sqs = client("secretsmanager"), client("iam"), client("s3"), client("sqs")
    for page in secrets.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True):
        for secret in page["SecretList"]:
            secrets.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)
    for page in iam.get_paginator("list_roles").paginate(PathPrefix=os.environ["TENANT_ROLE_PATH"]):
        for role in page["Roles"]:
            name = role["RoleName"]
            for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
            iam.delete_role(RoleName=name)
    bucket = os.environ["AGENT_BUCKET"]
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for kind in ("Versions", "DeleteMarkers"):
            for item in page.get(kind, []):
                s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
    queue = os.environ["TASK_EVENTS_QUEUE_URL"]
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:  # PurgeQueue is allowed once a minute only.
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def eager() -> Iterator[None]:
    """Celery tasks run at once, in the caller's thread, instead of going to a worker."""
    from openclaw_site.celery import app

    before = app.conf.task_always_eager, app.conf.task_eager_propagates
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager, app.conf.task_eager_propagates = before


@pytest.fixture
def without_credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process has no credentials for AWS."""
    from openclaw_site.aws import clients

    with monkeypatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        clients.reset_clients()
        yield
    clients.reset_clients()
