"""The back office's processes: each what it calls, and no way to more."""

import pytest

from openclaw_site.doctor.permissions import NEEDS, needs_of
from tests.platform.iam.escalations import escalations
from tests.platform.iam.evaluator import Principal
from tests.platform.iam.questions import BUCKET, DB, SECRET, Row, allowed, answers, needed, refused, role
from tests.platform.iam.rendered import ACCOUNT, NAME, PROCESSES, REGION, TENANT_PATH, A, B, World
from tests.platform.terraform.cli import needs_terraform

pytestmark = needs_terraform


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_may_do_what_it_needs(there: World, process: str) -> None:
    rows = needed(there, needs_of(process))
    assert refused(there, there.process(process), rows) == []


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_may_do_nothing_that_only_others_need(there: World, process: str) -> None:
    rows = needed(there, [need for need in NEEDS if process not in need.processes])
    assert allowed(there, there.process(process), rows) == []


@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_rises_above_itself(there: World, process: str) -> None:
    assert allowed(there, there.process(process), escalations(there)) == []


OWNERS_ALONE: list[Row] = [
    ("rds-db:connect", f"{DB}:db-ABCDEFGH/openclaw_owner"),
    ("s3:DeleteObject", f"{BUCKET}/{A}/x"),
    ("s3:ListBucket", BUCKET, {"s3:prefix": ""}),
    ("iam:GetRole", role(f"t_{A}", TENANT_PATH)),
]


@pytest.mark.parametrize("process", ["web", "worker", "beat"])
def test_only_the_provisioner_makes_and_unmakes(there: World, process: str) -> None:
    assert allowed(there, there.process(process), OWNERS_ALONE) == []


def test_web_reads_no_customers_secret(there: World) -> None:
    rows: list[Row] = [
        (f"secretsmanager:{action}", f"{SECRET}/openclaw/{A}/gmail-oauth-AbCdEf")
        for action in ("GetSecretValue", "PutSecretValue", "CreateSecret", "DescribeSecret")
    ]
    assert allowed(there, there.process("web"), rows) == []


def test_archives_alone_are_written_by_the_worker_and_read_by_the_web_process(there: World) -> None:
    elsewhere = [f"{BUCKET}/{A}/x", f"{BUCKET}/{A}/exports", f"{BUCKET}/exports.zip"]
    for process, actions in (("worker", ("PutObject", "DeleteObjectVersion")), ("web", ("GetObject",))):
        rows: list[Row] = [(f"s3:{action}", resource) for action in actions for resource in elsewhere]
        assert allowed(there, there.process(process), rows) == []
    others: list[Row] = [("s3:PutObject", f"{BUCKET}/{A}/exports/x.zip")]
    assert allowed(there, there.process("web"), others) == []
    assert allowed(there, there.process("worker"), [("s3:GetObject", f"{BUCKET}/{A}/exports/x.zip")]) == []


def test_every_process_logs_in_to_the_cache_and_its_database(there: World) -> None:
    cache: Row = ("elasticache:Connect", f"arn:aws:elasticache:{REGION}:{ACCOUNT}:replicationgroup:{NAME}")
    database: Row = ("rds-db:connect", f"{DB}:db-ABCDEFGH/openclaw_app")
    for process in PROCESSES:
        assert refused(there, there.process(process), [cache]) == []
        assert (refused(there, there.process(process), [database]) == []) == (process != "beat")


@pytest.mark.parametrize("process", PROCESSES)
def test_the_platforms_boundary_takes_nothing_that_is_needed(there: World, process: str) -> None:
    principal = there.process(process)
    assert principal.boundary is not None
    unbounded = Principal(principal.arn, principal.policies, None, principal.tags)
    rows = needed(there, needs_of(process))
    assert answers(there, principal, rows) == answers(there, unbounded, rows)


# IAM's quotas: a role's inline policies together, and a managed policy, in characters without blanks.
INLINE_LIMIT, MANAGED_LIMIT = 10_240, 6_144


def test_policies_fit_and_do_not_grow_with_customers(there: World) -> None:
    assert {name: size for name, size in there.inline_characters.items() if size > INLINE_LIMIT} == {}
    assert {arn: size for arn, size in there.managed_characters.items() if size > MANAGED_LIMIT} == {}
    assert there.inline_characters[f"t_{A}"] == there.inline_characters[f"t_{B}"] == 0
    assert A not in str(there.documents) and B not in str(there.documents)
