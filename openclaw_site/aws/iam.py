"""IAM: one role a customer, and nothing else.

Owns making a role equal to what is asked, reading it and removing it. The policies and the
permissions boundary belong to Terraform and are only attached here; what they allow is written there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openclaw_site.aws.clients import client
from openclaw_site.aws.errors import InvalidRequest, PolicyMissing, RoleMissing, RoleNotReady, ServiceFault
from openclaw_site.aws.identity import caller_identity
from openclaw_site.aws.translation import translated

if TYPE_CHECKING:
    from types_boto3_iam.type_defs import RoleTypeDef

_TAKEN: Final = frozenset({"EntityAlreadyExists", "EntityAlreadyExistsException"})


@dataclass(frozen=True)
class RoleInfo:
    """A role as it is: its tags, its boundary (None when it has none) and its attached policies, sorted."""

    arn: str
    tags: Mapping[str, str]
    boundary_arn: str | None
    policy_arns: tuple[str, ...]


@dataclass(frozen=True)
class _Wanted:
    name: str
    path: str
    tags: Mapping[str, str]
    boundary_arn: str
    policy_arns: frozenset[str]
    trust: Mapping[str, Any]


def ensure_role(
    *,
    name: str,
    path: str,
    tags: Mapping[str, str],
    boundary_arn: str,
    policy_arns: Collection[str],
    description: str,
) -> str:
    """The role exists and is exactly this: trusted by our account's ECS tasks, so tagged, bounded; its ARN.

    Safe to repeat, from any half-made state. What narrows comes before what grants: boundary, trust
    and tags are set, foreign policies (attached and inline) are taken away, then the missing ones are
    attached. Raises RoleNotReady (IAM still spreads the role), PolicyMissing, QuotaReached, AccessDenied,
    InvalidRequest (also when a role of this name stands on another path).
    """
    if not boundary_arn:
        raise InvalidRequest("a role without a permissions boundary is refused", operation="CreateRole")
    wanted = _Wanted(name, path, dict(tags), boundary_arn, frozenset(policy_arns), _trust(caller_identity().account))
    role = _get(name) or _create(wanted, description)
    if role["Path"] != path:
        raise InvalidRequest(
            f"the role {name} exists on the path {role['Path']}, not {path}",
            operation="CreateRole",
            next_action=f"Find out who made the role {name}, remove it, then retry.",
        )
    _bound(role, wanted)
    _tag(wanted)
    _converge_policies(wanted)
    return role["Arn"]


def find_role(*, name: str) -> RoleInfo | None:
    """The role of that name, None when there is none (or when it went away while being read)."""
    role = _get(name)
    if role is None:
        return None
    try:
        return RoleInfo(
            arn=role["Arn"],
            tags=_tags(name, RoleMissing),
            boundary_arn=role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            policy_arns=tuple(sorted(_attached(name, RoleMissing))),
        )
    except RoleMissing:
        return None


def delete_role(*, name: str) -> bool:
    """There is no such role; whether there was one. Safe to repeat.

    Its policies are detached or deleted first. Raises AccessDenied, and ServiceFault when somebody
    changes the role at the same time.
    """
    iam = client("iam")
    try:
        with translated("DeleteRole", missing=RoleMissing):
            for policy_arn in _attached(name, RoleMissing):
                iam.detach_role_policy(RoleName=name, PolicyArn=policy_arn)
            for policy_name in _inline(name, RoleMissing):
                iam.delete_role_policy(RoleName=name, PolicyName=policy_name)
            iam.delete_role(RoleName=name)
    except RoleMissing:
        # The same code says that a policy was detached by somebody else in between.
        if _get(name) is not None:
            raise ServiceFault("the role is being changed by somebody else", operation="DeleteRole") from None
        return False
    return True


def _trust(account: str) -> dict[str, Any]:
    # Without the condition ECS could be made to use the role on behalf of another account's task.
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ],
    }


def _get(name: str) -> RoleTypeDef | None:
    try:
        with translated("GetRole", missing=RoleMissing):
            return client("iam").get_role(RoleName=name)["Role"]
    except RoleMissing:
        return None


def _create(wanted: _Wanted, description: str) -> RoleTypeDef:
    try:
        with translated("CreateRole", missing=PolicyMissing):
            return client("iam").create_role(
                RoleName=wanted.name,
                Path=wanted.path,
                AssumeRolePolicyDocument=json.dumps(wanted.trust),
                Description=description,
                PermissionsBoundary=wanted.boundary_arn,
                Tags=[{"Key": key, "Value": tag} for key, tag in sorted(wanted.tags.items())],
            )["Role"]
    except InvalidRequest as error:
        if error.code not in _TAKEN:
            raise
    role = _get(wanted.name)
    if role is None:
        raise RoleNotReady("the role was just made and can't be read yet", operation="GetRole")
    return role


def _bound(role: RoleTypeDef, wanted: _Wanted) -> None:
    """Set boundary and trust where they differ."""
    iam = client("iam")
    if role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") != wanted.boundary_arn:
        with translated("PutRolePermissionsBoundary", missing=PolicyMissing):
            iam.put_role_permissions_boundary(RoleName=wanted.name, PermissionsBoundary=wanted.boundary_arn)
    # botocore hands the document out decoded, which its types do not know.
    document: Any = role.get("AssumeRolePolicyDocument")
    if document != wanted.trust:
        with translated("UpdateAssumeRolePolicy", missing=RoleNotReady):
            iam.update_assume_role_policy(RoleName=wanted.name, PolicyDocument=json.dumps(wanted.trust))


def _tag(wanted: _Wanted) -> None:
    iam = client("iam")
    present = _tags(wanted.name, RoleNotReady)
    wrong = {key: tag for key, tag in wanted.tags.items() if present.get(key) != tag}
    # AWS's own tags (aws:cloudformation:...) can't be removed.
    surplus = sorted(key for key in present if key not in wanted.tags and not key.startswith("aws:"))
    with translated("TagRole", missing=RoleNotReady):
        if surplus:
            iam.untag_role(RoleName=wanted.name, TagKeys=surplus)
        if wrong:
            iam.tag_role(RoleName=wanted.name, Tags=[{"Key": key, "Value": tag} for key, tag in sorted(wrong.items())])


def _converge_policies(wanted: _Wanted) -> None:
    iam = client("iam")
    attached = _attached(wanted.name, RoleNotReady)
    with translated("DetachRolePolicy", missing=RoleNotReady):
        for policy_name in _inline(wanted.name, RoleNotReady):
            iam.delete_role_policy(RoleName=wanted.name, PolicyName=policy_name)
        for policy_arn in sorted(attached - wanted.policy_arns):
            iam.detach_role_policy(RoleName=wanted.name, PolicyArn=policy_arn)
    for policy_arn in sorted(wanted.policy_arns - attached):
        try:
            with translated("AttachRolePolicy", missing=RoleNotReady):
                iam.attach_role_policy(RoleName=wanted.name, PolicyArn=policy_arn)
        except RoleNotReady as error:
            # IAM has one code for both; its text names the one it did not find.
            if policy_arn in str(error):
                raise PolicyMissing(
                    f"there is no policy {policy_arn}", operation="AttachRolePolicy", code=error.code
                ) from None
            raise


def _tags(name: str, missing: type[RoleMissing] | type[RoleNotReady]) -> dict[str, str]:
    with translated("ListRoleTags", missing=missing):
        pages = client("iam").get_paginator("list_role_tags").paginate(RoleName=name)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def _attached(name: str, missing: type[RoleMissing] | type[RoleNotReady]) -> set[str]:
    with translated("ListAttachedRolePolicies", missing=missing):
        pages = client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=name)
        return {policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]}


def _inline(name: str, missing: type[RoleMissing] | type[RoleNotReady]) -> list[str]:
    with translated("ListRolePolicies", missing=missing):
        pages = client("iam").get_paginator("list_role_policies").paginate(RoleName=name)
        return [policy for page in pages for policy in page["PolicyNames"]]
