"""IAM documents of the platform: what a customer's agents may do, and the boundary none of them can leave.

In production Terraform owns these; they are here so that the embedded world has the same resources. moto
stores them but substitutes no principal tags and checks no boundary: running on it proves nothing of them.
"""

import json
from typing import Any

TENANT = "${aws:PrincipalTag/TenantID}"

Statement = dict[str, Any]


def document(*statements: Statement) -> str:
    """An IAM policy document as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def tenant_policy(*, region: str, account: str, bucket: str) -> str:
    """One policy for all customers: its own prefix, secret and database login, by its role's TenantID tag."""
    return document(
        {
            "Sid": "OwnPrefixObjects",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "Resource": f"arn:aws:s3:::{bucket}/{TENANT}/*",
        },
        {
            "Sid": "OwnPrefixListing",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringLike": {"s3:prefix": f"{TENANT}/*"}},
        },
        {
            "Sid": "OwnSecrets",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
            "Resource": f"arn:aws:secretsmanager:{region}:{account}:secret:/openclaw/{TENANT}/*",
        },
        {
            "Sid": "OwnDatabaseLogin",
            "Effect": "Allow",
            "Action": "rds-db:connect",
            "Resource": f"arn:aws:rds-db:{region}:{account}:dbuser:*/t_{TENANT}",
        },
    )


def boundary_policy(*, region: str, account: str, bucket: str) -> str:
    """The most that a customer's role can ever do, whatever is attached to it."""
    return document(
        {
            "Sid": "NothingOutsideAgentsWork",
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:ListBucket",
                "secretsmanager:GetSecretValue",
                "secretsmanager:DescribeSecret",
                "rds-db:connect",
            ],
            "Resource": [
                f"arn:aws:s3:::{bucket}",
                f"arn:aws:s3:::{bucket}/{TENANT}/*",
                f"arn:aws:secretsmanager:{region}:{account}:secret:/openclaw/{TENANT}/*",
                f"arn:aws:rds-db:{region}:{account}:dbuser:*/t_{TENANT}",
            ],
        }
    )


def trust_policy() -> str:
    """Who may take on the execution role: the ECS agent."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    )


def queue_policy(*, queue_arn: str, rule_arn: str) -> str:
    """Lets one EventBridge rule send to the queue."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
        }
    )
