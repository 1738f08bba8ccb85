"""The proof: who may do what, by evaluating the policies that Terraform renders and the roles that the product makes.

moto can't judge this (it fills in no variables, and looks at no boundary and no condition), so AWS's rules are
evaluated here. Each table is a list of (action, resource, what the service tells) that must, or must not, be allowed.
"""

from collections.abc import Iterable
from typing import Any

import pytest

from openclaw_site.doctor.permissions import NEEDS, filled, needs_of
from tests.platform.iam.evaluator import Decision, Policy, Principal, Request, decide, trusts
from tests.platform.iam.rendered import ACCOUNT, NAME, PROCESSES, REGION, TENANT_PATH, A, B, World, world
from tests.platform.terraform.cli import needs_terraform

pytestmark = needs_terraform

BUCKET = f"arn:aws:s3:::{NAME}-agents-{ACCOUNT}"
STATE = f"arn:aws:s3:::{NAME}-terraform-state-{ACCOUNT}"
IAM = f"arn:aws:iam::{ACCOUNT}"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
DB = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/openclaw/production"
BEDROCK = "bedrock:InvokeModel"
MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
CLUSTER = {"ecs:cluster": f"{ECS}:cluster/{NAME}"}
TO_ECS = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}

Row = tuple[str, str] | tuple[str, str, dict[str, str]]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> World:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return world(tmp_path_factory, monkeypatch)


def answers(there: World, who: Principal, rows: Iterable[Row]) -> dict[str, Decision]:
    """The decision on each row, by `action on resource`."""
    found = {}
    for action, resource, *context in rows:
        policy = there.bucket_policy if resource.startswith(BUCKET) else None
        request = Request(action, resource, context[0] if context else {}, policy)
        found[f"{action} on {resource} {context[0] if context else ''}"] = decide(who, request)
    return found


def allowed(there: World, who: Principal, rows: Iterable[Row]) -> list[str]:
    return [row for row, decision in answers(there, who, rows).items() if decision == Decision.ALLOWED]


def refused(there: World, who: Principal, rows: Iterable[Row]) -> list[str]:
    return [row for row, decision in answers(there, who, rows).items() if decision != Decision.ALLOWED]


def role(name: str, path: str = "/openclaw/production/") -> str:
    return f"{IAM}:role{path}{name}"


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


# -- a customer's agents --------------------------------------------------------------------------------------


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
    everything = Policy.of(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )
    tenant = there.tenant(A)
    loosened = Principal(tenant.arn, [*tenant.policies, everything], tenant.boundary, tenant.tags)
    assert allowed(there, loosened, not_a_tenants(there, B)) == []


def test_the_buckets_own_policy_holds_where_the_others_fail(there: World) -> None:
    everything = Policy.of(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )
    bare = Principal(there.tenant(A).arn, [everything], None, {"TenantID": A})
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


# -- the back office's processes ---------------------------------------------------------------------------------


def facts(there: World) -> dict[str, str]:
    return {
        "account": ACCOUNT,
        "region": REGION,
        "cluster": NAME,
        "task_definition_prefix": NAME,
        "tenant_role_path": TENANT_PATH,
        "tenant_boundary_arn": there.outputs["tenant_boundary_arn"],
        "tenant_policy_arn": there.outputs["tenant_policy_arn"],
        "bucket": BUCKET.removeprefix("arn:aws:s3:::"),
        "agent_log_group": "/openclaw/production/agents",
        "task_events_queue_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}-task-events",
        "metrics_namespace": "OpenClaw/production",
    }


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_may_do_what_it_needs(there: World, process: str) -> None:
    known = facts(there)
    rows: list[Row] = [
        (
            need.action,
            filled(need.resource, known, tenant=A),
            {key: filled(value, known, tenant=A) for key, value in need.context.items()},
        )
        for need in needs_of(process)
    ]
    assert refused(there, there.process(process), rows) == []


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_may_do_nothing_that_only_others_need(there: World, process: str) -> None:
    known = facts(there)
    rows: list[Row] = [
        (
            need.action,
            filled(need.resource, known, tenant=A),
            {key: filled(value, known, tenant=A) for key, value in need.context.items()},
        )
        for need in NEEDS
        if process not in need.processes
    ]
    assert allowed(there, there.process(process), rows) == []


def escalations(there: World) -> list[Row]:
    """Known ways from few rights to many, and to the platform's own things."""
    boundary, policy = there.outputs["tenant_boundary_arn"], there.outputs["tenant_policy_arn"]
    tenant, admin = role("t_x", TENANT_PATH), "arn:aws:iam::aws:policy/AdministratorAccess"
    bounded = {"iam:PermissionsBoundary": boundary}
    return [
        ("iam:CreatePolicy", f"{IAM}:policy/x"),
        ("iam:CreatePolicyVersion", policy),
        ("iam:CreatePolicyVersion", boundary),
        ("iam:SetDefaultPolicyVersion", policy),
        ("iam:DeletePolicy", boundary),
        ("iam:AttachRolePolicy", tenant, {"iam:PolicyARN": admin}),
        ("iam:AttachRolePolicy", role(f"{NAME}-web"), {"iam:PolicyARN": policy}),
        ("iam:AttachRolePolicy", role("other", "/"), {"iam:PolicyARN": policy}),
        ("iam:PutRolePolicy", tenant, bounded),
        ("iam:PutRolePolicy", role(f"{NAME}-provisioner")),
        ("iam:PutUserPolicy", f"{IAM}:user/x"),
        ("iam:CreateUser", f"{IAM}:user/x"),
        ("iam:CreateAccessKey", f"{IAM}:user/x"),
        ("iam:CreateLoginProfile", f"{IAM}:user/x"),
        ("iam:UpdateAssumeRolePolicy", role(f"{NAME}-provisioner")),
        ("iam:UpdateAssumeRolePolicy", role("admin", "/")),
        ("iam:CreateRole", tenant),
        ("iam:CreateRole", tenant, {"iam:PermissionsBoundary": policy}),
        ("iam:CreateRole", role("x", "/"), bounded),
        ("iam:CreateRole", role("x"), bounded),
        ("iam:PutRolePermissionsBoundary", tenant, {"iam:PermissionsBoundary": admin}),
        ("iam:PutRolePermissionsBoundary", role(f"{NAME}-provisioner"), bounded),
        ("iam:DeleteRolePermissionsBoundary", tenant),
        ("iam:DeleteRolePermissionsBoundary", role(f"{NAME}-provisioner")),
        ("iam:PassRole", role(f"{NAME}-provisioner"), TO_ECS),
        ("iam:PassRole", role(f"{NAME}-backoffice-execution"), TO_ECS),
        ("iam:PassRole", role(f"t_{A}", TENANT_PATH), {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", role(f"t_{A}", TENANT_PATH), {"iam:PassedToService": "ec2.amazonaws.com"}),
        ("iam:PassRole", role("admin", "/"), TO_ECS),
        ("iam:TagRole", role(f"{NAME}-web")),
        ("iam:DeleteRole", role(f"{NAME}-web")),
        ("iam:CreateOpenIDConnectProvider", "*"),
        ("sts:AssumeRole", role("admin", "/")),
        ("sts:AssumeRole", role(f"t_{A}", TENANT_PATH)),
        ("ecs:RegisterTaskDefinition", "*"),
        ("ecs:UpdateService", f"{ECS}:service/{NAME}/{NAME}-web"),
        ("ecs:ExecuteCommand", f"{ECS}:task/{NAME}/1"),
        ("ecs:RunTask", f"{ECS}:task-definition/{NAME}-operator:1", CLUSTER),
        ("ecs:RunTask", f"{ECS}:task-definition/{NAME}-bootstrap:1", CLUSTER),
        ("ecs:RunTask", f"{ECS}:task-definition/{NAME}-butler:1", {"ecs:cluster": f"{ECS}:cluster/other"}),
        ("ecs:StopTask", f"{ECS}:task/{NAME}/1"),
        ("ecs:TagResource", f"{ECS}:task/{NAME}/1"),
        ("lambda:CreateFunction", "*"),
        ("lambda:InvokeFunction", "*"),
        ("ec2:RunInstances", "*"),
        ("ec2:AuthorizeSecurityGroupIngress", "*"),
        ("cloudformation:CreateStack", "*"),
        ("glue:CreateDevEndpoint", "*"),
        ("ssm:StartSession", "*"),
        ("ssm:SendCommand", "*"),
        ("ssm:PutParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{NAME}/images/backoffice"),
        ("secretsmanager:GetSecretValue", f"{SECRET}{NAME}/secret-key-AbCdEf"),
        ("secretsmanager:GetSecretValue", f"{SECRET}rds!db-AbCdEf"),
        ("secretsmanager:DeleteSecret", f"{SECRET}/openclaw/{A}/gmail-oauth-AbCdEf"),
        ("kms:PutKeyPolicy", there.outputs["bucket_key_arn"]),
        ("kms:CreateGrant", there.outputs["bucket_key_arn"]),
        ("kms:Decrypt", there.outputs["bucket_key_arn"]),
        ("kms:ScheduleKeyDeletion", there.outputs["bucket_key_arn"]),
        ("s3:PutBucketPolicy", BUCKET),
        ("s3:DeleteBucket", BUCKET),
        ("s3:PutLifecycleConfiguration", BUCKET),
        ("s3:GetObject", f"{BUCKET}/{A}/brief.md"),
        ("s3:GetObject", f"{STATE}/production/terraform.tfstate"),
        ("s3:PutObject", f"{STATE}/production/terraform.tfstate"),
        ("rds:ModifyDBInstance", "*"),
        ("rds:CreateDBSnapshot", "*"),
        ("rds-db:connect", f"{DB}:db-ABCDEFGH/openclaw_admin"),
        ("rds-db:connect", f"{DB}:db-ABCDEFGH/t_{A}"),
        ("sqs:SetQueueAttributes", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}-task-events"),
        ("events:PutRule", "*"),
        ("logs:DeleteLogGroup", f"{LOGS}/agents"),
        ("ses:SendEmail", f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/other.example"),
        ("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/Billing"}),
        ("organizations:LeaveOrganization", "*"),
    ]


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
    known = facts(there)
    rows: list[Row] = [
        (
            need.action,
            filled(need.resource, known, tenant=A),
            {k: filled(v, known, tenant=A) for k, v in need.context.items()},
        )
        for need in needs_of(process)
    ]
    assert answers(there, principal, rows) == answers(there, unbounded, rows)


# -- GitHub's workflows --------------------------------------------------------------------------------------------


def subject(text: str, audience: str = "sts.amazonaws.com") -> dict[str, Any]:
    issuer = "token.actions.githubusercontent.com"
    return {
        "kind": "Federated",
        "who": f"{IAM}:oidc-provider/{issuer}",
        "action": "sts:AssumeRoleWithWebIdentity",
        "context": {f"{issuer}:sub": text, f"{issuer}:aud": audience},
    }


@pytest.mark.parametrize(
    ("text", "plans", "applies"),
    [
        ("repo:acme/saas:environment:production", False, True),
        ("repo:acme/saas:pull_request", True, False),
        ("repo:acme/saas:ref:refs/heads/main", False, False),
        ("repo:acme/saas:ref:refs/heads/feature", False, False),
        ("repo:acme/saas:environment:dev", False, False),
        ("repo:acme/saas:environment:production-x", False, False),
        ("repo:stranger/saas:pull_request", False, False),
        ("repo:stranger/saas:environment:production", False, False),
        ("repo:acme/saas2:environment:production", False, False),
        ("repo:acme@1/saas@2:environment:production", False, False),
    ],
)
def test_which_run_becomes_which_role(there: World, text: str, plans: bool, applies: bool) -> None:
    plan, apply = (there.roles[f"{NAME}-github-{use}"].trust for use in ("plan", "apply"))
    assert (trusts(plan, **subject(text)), trusts(apply, **subject(text))) == (plans, applies)


def test_a_token_for_somebody_else_is_refused(there: World) -> None:
    apply = there.roles[f"{NAME}-github-apply"].trust
    assert not trusts(apply, **subject("repo:acme/saas:environment:production", audience="https://github.com/acme"))


def test_a_plan_reads_the_state_and_nothing_else(there: World) -> None:
    plan = there.roles[f"{NAME}-github-plan"].principal
    through_s3 = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    assert (
        refused(there, plan, [("s3:GetObject", f"{STATE}/production/terraform.tfstate"), ("s3:ListBucket", STATE)])
        == []
    )
    rows: list[Row] = [
        ("s3:PutObject", f"{STATE}/production/terraform.tfstate"),
        ("s3:DeleteObject", f"{STATE}/production/terraform.tfstate"),
        ("s3:GetObject", f"{STATE}/bootstrap/terraform.tfstate"),
        ("s3:GetObject", f"{BUCKET}/{A}/brief.md"),
        ("s3:ListBucket", BUCKET, {"s3:prefix": ""}),
        ("secretsmanager:GetSecretValue", f"{SECRET}/openclaw/{A}/gmail-oauth-AbCdEf"),
        ("secretsmanager:GetSecretValue", f"{SECRET}{NAME}/secret-key-AbCdEf"),
        ("kms:Decrypt", there.outputs["bucket_key_arn"]),
        ("kms:Decrypt", there.outputs["bucket_key_arn"], through_s3),
        ("ssm:GetParameter", "*"),
        ("ecs:RunTask", f"{ECS}:task-definition/{NAME}-operator:1", CLUSTER),
        ("ecs:UpdateService", "*"),
        ("iam:CreateRole", role("x")),
        ("iam:PassRole", role(f"{NAME}-provisioner"), TO_ECS),
        ("sts:AssumeRole", role(f"{NAME}-github-apply", "/openclaw-bootstrap/")),
        ("ec2:RunInstances", "*"),
    ]
    assert allowed(there, plan, rows) == []


def test_an_apply_manages_the_platform_under_the_boundary(there: World) -> None:
    apply = there.roles[f"{NAME}-github-apply"].principal
    bounded = {"iam:PermissionsBoundary": there.outputs["platform_boundary_arn"]}
    rows: list[Row] = [
        ("s3:PutObject", f"{STATE}/production/terraform.tfstate"),
        ("ecs:UpdateService", f"{ECS}:service/{NAME}/{NAME}-web"),
        ("ecs:RunTask", f"{ECS}:task-definition/{NAME}-operator:1", CLUSTER),
        ("rds:CreateDBInstance", "*"),
        ("iam:CreateRole", role(f"{NAME}-web"), bounded),
        ("iam:PutRolePolicy", role(f"{NAME}-web"), bounded),
        ("iam:CreatePolicyVersion", f"{IAM}:policy/openclaw/production/{NAME}-tenant"),
        ("iam:PassRole", role(f"{NAME}-web"), TO_ECS),
        ("secretsmanager:CreateSecret", f"{SECRET}{NAME}/secret-key-AbCdEf"),
        ("secretsmanager:GetSecretValue", f"{SECRET}{NAME}/secret-key-AbCdEf"),
        ("ssm:PutParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{NAME}/images/backoffice"),
        ("ecr:PutImage", "*"),
    ]
    assert refused(there, apply, rows) == []


def test_an_apply_can_not_make_itself_stronger_or_read_customers_data(there: World) -> None:
    apply = there.roles[f"{NAME}-github-apply"].principal
    own, bound = role(f"{NAME}-github-apply", "/openclaw-bootstrap/"), there.outputs["platform_boundary_arn"]
    bounded = {"iam:PermissionsBoundary": bound}
    rows: list[Row] = [
        ("iam:CreateRole", role("x")),
        ("iam:CreateRole", role("x"), {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ("iam:CreateRole", role("x", "/"), bounded),
        ("iam:CreateRole", role("x", "/openclaw-bootstrap/"), bounded),
        ("iam:PutRolePolicy", own, bounded),
        ("iam:PutRolePolicy", role(f"{NAME}-web")),
        ("iam:AttachRolePolicy", own, bounded),
        ("iam:UpdateAssumeRolePolicy", own),
        ("iam:UpdateAssumeRolePolicy", role("admin", "/")),
        ("iam:DeleteRolePermissionsBoundary", role(f"{NAME}-web")),
        ("iam:CreatePolicyVersion", bound),
        ("iam:SetDefaultPolicyVersion", bound),
        ("iam:DeletePolicy", bound),
        ("iam:UpdateOpenIDConnectProviderThumbprint", f"{IAM}:oidc-provider/token.actions.githubusercontent.com"),
        ("iam:DeleteOpenIDConnectProvider", f"{IAM}:oidc-provider/token.actions.githubusercontent.com"),
        ("iam:AddClientIDToOpenIDConnectProvider", f"{IAM}:oidc-provider/token.actions.githubusercontent.com"),
        ("iam:CreateUser", f"{IAM}:user/x"),
        ("iam:CreateAccessKey", f"{IAM}:user/x"),
        ("iam:PassRole", role("admin", "/"), TO_ECS),
        ("iam:PassRole", role(f"{NAME}-web"), {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", role(f"t_{A}", TENANT_PATH), TO_ECS),
        ("iam:UpdateAssumeRolePolicy", role(f"t_{A}", TENANT_PATH)),
        ("sts:AssumeRole", role(f"t_{A}", TENANT_PATH)),
        ("sts:AssumeRole", role("admin", "/")),
        ("secretsmanager:GetSecretValue", f"{SECRET}/openclaw/{A}/gmail-oauth-AbCdEf"),
        ("s3:GetObject", f"{BUCKET}/{A}/brief.md"),
        ("s3:PutObject", f"{BUCKET}/{A}/brief.md"),
        ("s3:PutBucketPolicy", STATE),
        ("s3:DeleteBucket", STATE),
        ("s3:DeleteObjectVersion", f"{STATE}/production/terraform.tfstate"),
        ("rds-db:connect", f"{DB}:db-ABCDEFGH/openclaw_owner"),
        ("lambda:CreateFunction", "*"),
        ("organizations:LeaveOrganization", "*"),
    ]
    assert allowed(there, apply, rows) == []


def test_a_role_that_an_apply_makes_can_do_no_more_than_the_boundary(there: World) -> None:
    everything = Policy.of(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )
    made = Principal(role("x"), [everything], there.documents[there.outputs["platform_boundary_arn"]], {})
    rows: list[Row] = [
        ("iam:CreateRole", role("y")),
        ("iam:PutRolePolicy", role("x")),
        ("iam:PutRolePolicy", role(f"{NAME}-github-apply", "/openclaw-bootstrap/")),
        ("iam:CreateUser", f"{IAM}:user/x"),
        ("iam:CreatePolicyVersion", there.outputs["platform_boundary_arn"]),
        ("iam:PassRole", role("admin", "/"), TO_ECS),
        ("sts:AssumeRole", role("admin", "/")),
        ("s3:GetObject", f"{STATE}/production/terraform.tfstate"),
        ("ec2:RunInstances", "*"),
        ("lambda:CreateFunction", "*"),
        ("ecs:RegisterTaskDefinition", "*"),
        ("kms:PutKeyPolicy", there.outputs["bucket_key_arn"]),
    ]
    assert allowed(there, made, rows) == []


# -- sizes ----------------------------------------------------------------------------------------------------------

# IAM's quotas: a role's inline policies together, and a managed policy, in characters without blanks.
INLINE_LIMIT, MANAGED_LIMIT = 10_240, 6_144


def test_policies_fit_and_do_not_grow_with_customers(there: World) -> None:
    assert {name: size for name, size in there.inline_characters.items() if size > INLINE_LIMIT} == {}
    assert {arn: size for arn, size in there.managed_characters.items() if size > MANAGED_LIMIT} == {}
    assert there.inline_characters[f"t_{A}"] == there.inline_characters[f"t_{B}"] == 0
    assert A not in str(there.documents) and B not in str(there.documents)
