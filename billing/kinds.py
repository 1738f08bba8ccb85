"""The kinds of usage and cost in groups, with their names for people and at AWS."""

from typing import Final

# Prefix of the kind, the group's title, whether it grows with work (and is not there every day alike).
GROUPS: Final = (
    ("fargate.", "Fargate", True),
    ("model.", "Model", True),
    ("secrets.", "Secrets", False),
    ("s3.", "Storage", False),
    ("shared.", "Shared", False),
)
_OTHER: Final = "Other"
# How Cost Explorer calls them. Claude's models on Bedrock are services of their own there, with Bedrock in the name.
_SERVICES: Final = {
    "Amazon Elastic Container Service": "Fargate",
    "AWS Secrets Manager": "Secrets",
    "Amazon Simple Storage Service": "Storage",
}


def group_of(kind: str) -> str:
    """The title of a kind's group."""
    return next((title for prefix, title, _ in GROUPS if kind.startswith(prefix)), _OTHER)


def is_variable(kind: str) -> bool:
    """Whether the kind grows with work, as against what costs the same every day."""
    return next((varies for prefix, _, varies in GROUPS if kind.startswith(prefix)), True)


def group_at_aws(service: str) -> str:
    """The group that Cost Explorer's service belongs to; its own name where we have none."""
    return "Model" if "Bedrock" in service else _SERVICES.get(service, service)
