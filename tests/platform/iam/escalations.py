"""Known ways from few rights to many, and to the platform's own things: rows that no process of ours may do."""

from tests.platform.iam.questions import BUCKET, CLUSTER, DB, ECS, IAM, LOGS, SECRET, STATE, TO_ECS, Row, role
from tests.platform.iam.rendered import ACCOUNT, NAME, REGION, TENANT_PATH, A, World


def escalations(there: World) -> list[Row]:
    """All of them."""
    return [*by_roles(there), *by_services(), *by_data(there)]


def by_roles(there: World) -> list[Row]:
    """Roles, policies and users: made, changed, passed on."""
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
    ]


def by_services() -> list[Row]:
    """Programs that run as somebody else."""
    return [
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
    ]


def by_data(there: World) -> list[Row]:
    """Secrets, keys, objects, the database, and what tells of the rest."""
    return [
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
