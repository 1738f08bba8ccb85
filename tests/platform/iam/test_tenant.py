"""A customer's agents: their own things and nothing else, whatever is attached to their role."""

from typing import Any

from tests.platform.iam.evaluator import Principal, trusts
from tests.platform.iam.questions import (
    BEDROCK,
    BUCKET,
    CLUSTER,
    DB,
    ECS,
    EVERYTHING,
    LOGS,
    MODEL,
    SECRET,
    STATE,
    TO_ECS,
    Row,
    allowed,
    refused,
    role,
)
from tests.platform.iam.rendered import ACCOUNT, NAME, REGION, TENANT_PATH, A, B, World
from tests.platform.terraform.cli import needs_terraform

pytestmark = needs_terraform


def of_tenant(there: World, tenant: str) -> list[Row]:
    """What belongs to one customer, as its agents use it."""
    key, through_s3 = there.outputs["bucket_key_arn"], {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    return [
        ("s3:GetObject", f"{BUCKET}/{tenant}/brief.md"),
        ("s3:PutObject", f"{BUCKET}/{tenant}/a/b/c"),
        ("s3:DeleteObject", f"{BUCKET}/{tenant}/a"),
        ("s3:ListBucket", BUCKET, {"s3:prefix": f"{tenant}/"}),
        ("s3:ListBucket", BUCKET, {"s3:prefix": f"{tenant}/a"}),
        ("secretsmanager:GetSecretValue", f"{SECRET}/openclaw/{tenant}/gmail-oauth-AbCdEf"),
        ("secretsmanager:DescribeSecret", f"{SECRET}/openclaw/{tenant}/gmail-oauth-AbCdEf"),
        ("rds-db:connect", f"{DB}:db-ABCDEFGH/t_{tenant}"),
        ("kms:GenerateDataKey", key, through_s3),
    ]


def test_a_customer_may_use_what_is_its_own(there: World) -> None:
    assert refused(there, there.tenant(A), of_tenant(there, A)) == []
    assert refused(there, there.tenant(B), of_tenant(there, B)) == []


def test_a_customer_may_ask_the_listed_models_alone(there: World) -> None:
    listed: list[Row] = [
        (BEDROCK, f"arn:aws:bedrock:eu-west-1::foundation-model/{MODEL}"),
        (f"{BEDROCK}WithResponseStream", f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/eu.{MODEL}"),
    ]
    others: list[Row] = [
        (BEDROCK, f"arn:aws:bedrock:{REGION}::foundation-model/anthropic.claude-opus-4-1-20250805-v1:0"),
        (BEDROCK, f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/us.{MODEL}"),
        ("bedrock:CreateModelCustomizationJob", "*"),
        ("bedrock:PutModelInvocationLoggingConfiguration", "*"),
    ]
    assert refused(there, there.tenant(A), listed) == []
    assert allowed(there, there.tenant(A), others) == []


def not_a_tenants(there: World, other: str) -> list[Row]:
    """What no agent may do, whoever it works for; `other` is another customer."""
    key = there.outputs["bucket_key_arn"]
    theirs = [row for row in of_tenant(there, other) if not row[0].startswith("kms:")]
    return [
        *theirs,
        ("s3:ListBucket", BUCKET),
        ("s3:ListBucket", BUCKET, {"s3:prefix": ""}),
        ("s3:ListBucket", BUCKET, {"s3:prefix": f"{A[:16]}"}),
        ("s3:ListBucketVersions", BUCKET, {"s3:prefix": f"{other}/"}),
        ("s3:GetObjectVersion", f"{BUCKET}/{A}/brief.md"),
        ("s3:PutBucketPolicy", BUCKET),
        ("s3:DeleteBucket", BUCKET),
        ("s3:GetObject", f"{STATE}/production/terraform.tfstate"),
        ("s3:GetObject", f"arn:aws:s3:::somebody-else/{A}/x"),
        ("s3:PutObject", f"arn:aws:s3:::somebody-else/{A}/x"),
        ("secretsmanager:PutSecretValue", f"{SECRET}/openclaw/{A}/gmail-oauth-AbCdEf"),
        ("secretsmanager:DeleteSecret", f"{SECRET}/openclaw/{A}/gmail-oauth-AbCdEf"),
        ("secretsmanager:GetSecretValue", f"{SECRET}{NAME}/secret-key-AbCdEf"),
        ("secretsmanager:GetSecretValue", f"{SECRET}{NAME}/egress-token-AbCdEf"),
        ("secretsmanager:GetSecretValue", f"{SECRET}rds!db-AbCdEf"),
        ("secretsmanager:ListSecrets", "*"),
        ("rds-db:connect", f"{DB}:db-ABCDEFGH/openclaw_app"),
        ("rds-db:connect", f"{DB}:db-ABCDEFGH/openclaw_owner"),
        ("rds-db:connect", f"{DB}:db-ABCDEFGH/openclaw_admin"),
        ("rds-db:connect", f"{DB}:db-OTHER/t_{A}"),
        ("elasticache:Connect", f"arn:aws:elasticache:{REGION}:{ACCOUNT}:replicationgroup:{NAME}"),
        ("kms:Decrypt", key),
        ("kms:PutKeyPolicy", key),
        ("logs:GetLogEvents", f"{LOGS}/agents:log-stream:butler/openclaw-butler/1"),
        ("logs:PutLogEvents", f"{LOGS}/agents:log-stream:butler/openclaw-butler/1"),
        ("logs:FilterLogEvents", f"{LOGS}/backoffice"),
        ("ecs:RunTask", f"{ECS}:task-definition/{NAME}-butler:1", CLUSTER),
        ("ecs:StopTask", f"{ECS}:task/{NAME}/1", {"aws:ResourceTag/TenantID": A}),
        ("ecs:DescribeTasks", f"{ECS}:task/{NAME}/1"),
        ("ecs:ExecuteCommand", f"{ECS}:task/{NAME}/1"),
        ("ecs:RegisterTaskDefinition", "*"),
        ("iam:PassRole", role(f"t_{A}", TENANT_PATH), TO_ECS),
        ("iam:TagRole", role(f"t_{A}", TENANT_PATH)),
        ("iam:CreateRole", role("t_x", TENANT_PATH), {"iam:PermissionsBoundary": there.outputs["tenant_boundary_arn"]}),
        ("iam:AttachRolePolicy", role(f"t_{A}", TENANT_PATH)),
        ("iam:DeleteRolePermissionsBoundary", role(f"t_{A}", TENANT_PATH)),
        ("iam:GetRole", role(f"t_{other}", TENANT_PATH)),
        ("sts:AssumeRole", role(f"t_{other}", TENANT_PATH)),
        ("sts:AssumeRole", role(f"{NAME}-provisioner")),
        ("sqs:ReceiveMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}-task-events"),
        ("ec2:RunInstances", "*"),
        ("lambda:CreateFunction", "*"),
    ]


def test_a_customer_may_do_nothing_else(there: World) -> None:
    assert allowed(there, there.tenant(A), not_a_tenants(there, B)) == []


def test_whatever_is_attached_the_boundary_holds(there: World) -> None:
    tenant = there.tenant(A)
    loosened = Principal(tenant.arn, [*tenant.policies, EVERYTHING], tenant.boundary, tenant.tags)
    assert allowed(there, loosened, not_a_tenants(there, B)) == []


def test_the_buckets_own_policy_holds_where_the_others_fail(there: World) -> None:
    bare = Principal(there.tenant(A).arn, [EVERYTHING], None, {"TenantID": A})
    theirs = [row for row in of_tenant(there, B) if row[0].startswith("s3:")]
    own = [row for row in of_tenant(there, A) if row[0].startswith("s3:")]
    assert allowed(there, bare, theirs) == []
    assert refused(there, bare, own) == []


def test_a_role_without_its_tag_gets_nothing(there: World) -> None:
    tenant = there.tenant(A)
    untagged = Principal(tenant.arn, tenant.policies, tenant.boundary, {})
    rows = [row for row in of_tenant(there, A) if not row[0].startswith("kms:")]
    assert allowed(there, untagged, rows) == []


def test_a_tag_that_is_a_pattern_opens_nothing(there: World) -> None:
    tenant = there.tenant(A)
    starred = Principal(tenant.arn, tenant.policies, tenant.boundary, {"TenantID": "*"})
    rows = [row for row in [*of_tenant(there, A), *of_tenant(there, B)] if not row[0].startswith("kms:")]
    assert allowed(there, starred, rows) == []


def test_only_our_accounts_tasks_take_a_customers_role_on(there: World) -> None:
    trust = there.roles[f"t_{A}"].trust
    service: dict[str, Any] = {"kind": "Service", "who": "ecs-tasks.amazonaws.com", "action": "sts:AssumeRole"}
    assert trusts(trust, **service, context={"aws:SourceAccount": ACCOUNT})
    assert not trusts(trust, **service, context={"aws:SourceAccount": "999999999999"})
    assert not trusts(trust, kind="AWS", who=role(f"t_{B}", TENANT_PATH), action="sts:AssumeRole", context={})
    assert not trusts(trust, kind="Service", who="lambda.amazonaws.com", action="sts:AssumeRole", context={})
