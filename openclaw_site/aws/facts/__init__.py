"""What is so at AWS, for whoever diagnoses: reads alone, safe to repeat.

Owns the shapes of the answers. `account` is about the account (identity, quotas, billing, mail), `platform` about what
Terraform made. Each raises AccessDenied where the process may not look, and AwsError as its module's calls do.
"""

from openclaw_site.aws.facts.account import (
    FARGATE_ON_DEMAND,
    FARGATE_SPOT,
    MailStanding,
    Seen,
    cost_tag_activate,
    cost_tag_status,
    fargate_vcpu_quota,
    mail_standing,
    role_usage,
    seen_by_aws,
    time_at_aws,
)
from openclaw_site.aws.facts.platform import (
    Container,
    Subnet,
    TaskDefinition,
    bucket_exists,
    log_group_exists,
    queue_exists,
    security_groups,
    subnets,
    task_definition,
)

__all__ = [
    "FARGATE_ON_DEMAND",
    "FARGATE_SPOT",
    "Container",
    "MailStanding",
    "Seen",
    "Subnet",
    "TaskDefinition",
    "bucket_exists",
    "cost_tag_activate",
    "cost_tag_status",
    "fargate_vcpu_quota",
    "log_group_exists",
    "mail_standing",
    "queue_exists",
    "role_usage",
    "security_groups",
    "seen_by_aws",
    "subnets",
    "task_definition",
    "time_at_aws",
]
