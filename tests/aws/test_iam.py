"""Roles: made equal to what is asked, from whatever was there, never wider."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import boto3
import pytest
from botocore.stub import Stubber

from openclaw_site.aws import errors, iam
from openclaw_site.aws.clients import client

PATH = "/openclaw/tenants/"
ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    ],
}
ANY_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def make_policy(name):
    created = boto3.client("iam", "eu-central-1").create_policy(PolicyName=name, PolicyDocument=ANY_POLICY)
    return created["Policy"]["Arn"]


@pytest.fixture
def wanted(tenant_id):
    return {
        "name": f"t_{tenant_id}",
        "path": PATH,
        "tags": {"TenantID": tenant_id},
        "boundary_arn": make_policy(f"boundary-{tenant_id}"),
        "policy_arns": [make_policy(f"tenant-{tenant_id}")],
        "description": "Agents of one customer.",
    }


def assert_is_as_wanted(wanted):
    assert iam.find_role(name=wanted["name"]) == iam.RoleInfo(
        arn=f"arn:aws:iam::{ACCOUNT}:role{PATH}{wanted['name']}",
        tags=wanted["tags"],
        boundary_arn=wanted["boundary_arn"],
        policy_arns=tuple(wanted["policy_arns"]),
    )
    boto_iam = boto3.client("iam", "eu-central-1")
    role = boto_iam.get_role(RoleName=wanted["name"])["Role"]
    assert role["AssumeRolePolicyDocument"] == TRUST
    assert boto_iam.list_role_policies(RoleName=wanted["name"])["PolicyNames"] == []


def test_role_is_made_as_wanted(wanted):
    assert iam.ensure_role(**wanted) == f"arn:aws:iam::{ACCOUNT}:role{PATH}{wanted['name']}"
    assert_is_as_wanted(wanted)


def test_ensuring_again_changes_nothing(wanted):
    first = iam.ensure_role(**wanted)
    assert iam.ensure_role(**wanted) == first
    assert_is_as_wanted(wanted)


def test_bare_role_left_by_a_killed_worker_is_completed(wanted):
    boto3.client("iam", "eu-central-1").create_role(
        RoleName=wanted["name"], Path=PATH, AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    iam.ensure_role(**wanted)
    assert_is_as_wanted(wanted)


def test_widened_role_is_narrowed(wanted, tenant_id):
    iam.ensure_role(**wanted)
    boto_iam, name = boto3.client("iam", "eu-central-1"), wanted["name"]
    boto_iam.attach_role_policy(RoleName=name, PolicyArn=make_policy(f"foreign-{tenant_id}"))
    boto_iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=ANY_POLICY)
    boto_iam.delete_role_permissions_boundary(RoleName=name)
    boto_iam.tag_role(RoleName=name, Tags=[{"Key": "TenantID", "Value": "other"}, {"Key": "X", "Value": "y"}])
    open_trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"AWS": "*"}}]}
    boto_iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(open_trust))
    iam.ensure_role(**wanted)
    assert_is_as_wanted(wanted)


def test_role_on_another_path_is_not_taken_over(wanted):
    boto3.client("iam", "eu-central-1").create_role(
        RoleName=wanted["name"], Path="/", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    with pytest.raises(errors.InvalidRequest, match="exists on the path /"):
        iam.ensure_role(**wanted)


def test_role_without_boundary_is_refused(wanted):
    with pytest.raises(errors.InvalidRequest):
        iam.ensure_role(**{**wanted, "boundary_arn": ""})
    assert iam.find_role(name=wanted["name"]) is None


def test_missing_policy_names_it_and_points_to_terraform(wanted):
    missing = f"arn:aws:iam::{ACCOUNT}:policy/not-there"
    with pytest.raises(errors.PolicyMissing, match="policy/not-there") as caught:
        iam.ensure_role(**{**wanted, "policy_arns": [missing]})
    assert not caught.value.retryable
    assert "Terraform" in caught.value.next_action


def test_fresh_role_that_iam_does_not_know_yet_is_not_ready(wanted):
    iam.ensure_role(**wanted)
    boto3.client("iam", "eu-central-1").detach_role_policy(RoleName=wanted["name"], PolicyArn=wanted["policy_arns"][0])

    def lose_the_role(params, **_):
        boto_iam = boto3.client("iam", "eu-central-1")
        boto_iam.delete_role(RoleName=wanted["name"])

    client("iam").meta.events.register("before-call.iam.AttachRolePolicy", lose_the_role)
    with pytest.raises(errors.RoleNotReady, match="NoSuchEntity") as caught:
        iam.ensure_role(**wanted)
    assert caught.value.retryable


def test_role_made_by_another_worker_meanwhile_is_adopted(wanted):
    """The race: the role is not there when looked for, and is when created."""

    def win_the_race(params, **_):
        body = parse_qs(params["body"]) if isinstance(params["body"], str) else params["body"]
        assert body["RoleName"] in (wanted["name"], [wanted["name"]])
        boto3.client("iam", "eu-central-1").create_role(
            RoleName=wanted["name"], Path=PATH, AssumeRolePolicyDocument=json.dumps(TRUST)
        )

    client("iam").meta.events.register("before-call.iam.CreateRole", win_the_race)
    iam.ensure_role(**wanted)
    assert_is_as_wanted(wanted)


def test_all_pages_of_tags_and_policies_are_read(tenant_id):
    name, role = (
        f"t_{tenant_id}",
        {"Arn": "arn:aws:iam::1:role/r", "Path": PATH, "RoleName": "r", "RoleId": "A" * 16},
    )
    role["CreateDate"] = "2026-01-01T00:00:00Z"
    page = {"RoleName": name}
    with Stubber(client("iam")) as stub:
        stub.add_response("get_role", {"Role": role}, page)
        stub.add_response(
            "list_role_tags", {"Tags": [{"Key": "A", "Value": "1"}], "IsTruncated": True, "Marker": "m"}, page
        )
        stub.add_response("list_role_tags", {"Tags": [{"Key": "B", "Value": "2"}]}, {**page, "Marker": "m"})
        policies = [{"PolicyName": n, "PolicyArn": f"arn:aws:iam::1:policy/{n}"} for n in ("b", "a")]
        stub.add_response(
            "list_attached_role_policies",
            {"AttachedPolicies": policies[:1], "IsTruncated": True, "Marker": "m"},
            page,
        )
        stub.add_response("list_attached_role_policies", {"AttachedPolicies": policies[1:]}, {**page, "Marker": "m"})
        found = iam.find_role(name=name)
    assert found is not None
    assert found.tags == {"A": "1", "B": "2"}
    assert found.policy_arns == ("arn:aws:iam::1:policy/a", "arn:aws:iam::1:policy/b")


def test_delete_takes_policies_off_first_and_can_be_repeated(wanted):
    iam.ensure_role(**wanted)
    boto3.client("iam", "eu-central-1").put_role_policy(
        RoleName=wanted["name"], PolicyName="inline", PolicyDocument=ANY_POLICY
    )
    assert iam.delete_role(name=wanted["name"]) is True
    assert iam.find_role(name=wanted["name"]) is None
    assert iam.delete_role(name=wanted["name"]) is False


def test_deleting_a_role_that_somebody_changes_is_retried_later(wanted):
    iam.ensure_role(**wanted)

    def detach_first(params, **_):
        boto3.client("iam", "eu-central-1").detach_role_policy(
            RoleName=wanted["name"], PolicyArn=wanted["policy_arns"][0]
        )

    client("iam").meta.events.register("before-call.iam.DetachRolePolicy", detach_first)
    with pytest.raises(errors.ServiceFault):
        iam.delete_role(name=wanted["name"])
    assert iam.delete_role(name=wanted["name"]) is True
