"""GitHub's workflows: which run becomes which role, and what these may."""

from typing import Any

import pytest

from tests.platform.iam.evaluator import Principal, trusts
from tests.platform.iam.questions import (
    BUCKET,
    CLUSTER,
    DB,
    ECS,
    EVERYTHING,
    IAM,
    SECRET,
    STATE,
    TO_ECS,
    Row,
    allowed,
    refused,
    role,
)
from tests.platform.iam.rendered import ACCOUNT, NAME, REGION, TENANT_PATH, A, World
from tests.platform.terraform.cli import needs_terraform

pytestmark = needs_terraform


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
    made = Principal(role("x"), [EVERYTHING], there.documents[there.outputs["platform_boundary_arn"]], {})
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
