"""What doctor says of permissions: AWS answers over HTTP, and a proxy before it refuses what a test names."""

import os
from typing import Any

import pytest

from openclaw_site.aws import probes
from openclaw_site.devstack.world import World
from openclaw_site.doctor import Level
from openclaw_site.doctor.permissions import NEEDS, PROCESSES, needs_of
from tests.doctor.examined import found, levels, said
from tests.faults.aws_faults import denies, refuses, throttles
from tests.faults.aws_proxy import AwsProxy

# S3 calls two things otherwise than IAM does.
_CALLS = {"s3:ListBucket": "s3:ListObjectsV2", "s3:ListBucketVersions": "s3:ListObjectVersions"}
# Asked for a role that does not exist, as the product does before it makes one.
_ASKED_OF_NOBODY = {"iam:GetRole", "iam:ListAttachedRolePolicies"}
_TOLD = sorted(action for action in probes.PROBES if not action.startswith("iam:") or action in _ASKED_OF_NOBODY)
_UNTOLD = sorted(set(probes.PROBES) - set(_TOLD))


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_is_looked_at_for_what_it_needs(standing: World, process: str) -> None:
    what = [text for level, text in said("permissions", process)]
    expected = len([need for need in needs_of(process) if need.action in probes.PROBES])
    assert what[0].startswith(f"{expected} of the calls" if expected else "Beat calls nothing")


@pytest.mark.parametrize("action", _TOLD)
def test_a_refused_call_is_a_problem_that_names_it(proxy: AwsProxy, action: str) -> None:
    proxy.on(_CALLS.get(action, action), denies)
    problems = [what for level, what in said("permissions") if level == Level.PROBLEM]
    assert [what.split(" ")[0] for what in problems] == [action]


@pytest.mark.parametrize("action", _UNTOLD)
def test_a_refusal_that_tells_nothing_fails_no_release(proxy: AwsProxy, action: str) -> None:
    proxy.on(action, denies)
    what = f"Refused for a role that does not exist, which tells nothing of others: {action}."
    assert (Level.SKIPPED, what) in said("permissions")
    assert levels("permissions") == {Level.OK, Level.SKIPPED}


def test_what_could_not_be_told_is_a_warning(proxy: AwsProxy) -> None:
    proxy.on("ecs:ListTasks", throttles)
    warnings = [what for level, what in said("permissions", "web") if level == Level.WARNING]
    assert len(warnings) == 1
    assert warnings[0].startswith("It could not be told whether ecs:ListTasks is allowed: ThrottlingException")


def test_a_service_that_is_away_is_waited_for_once(proxy: AwsProxy) -> None:
    for action in probes.PROBES:
        if action.startswith("iam:"):
            proxy.on(action, refuses)
    warnings = [what for level, what in said("permissions") if level == Level.WARNING]
    assert len(warnings) == 1
    assert all(action in warnings[0] for action in probes.PROBES if action.startswith("iam:"))
    assert len({call for call in proxy.actions if call.startswith("iam:")}) == 1


def test_what_was_never_sent_is_not_taken_for_allowed(standing: World, settings: Any) -> None:
    settings.TENANT_POLICY_ARN = ""
    warnings = [what for level, what in said("permissions") if level == Level.WARNING]
    assert len(warnings) == 1
    assert "iam:AttachRolePolicy, iam:DetachRolePolicy" in warnings[0]
    assert "nothing was sent" in warnings[0]


def test_probes_leave_no_trace(standing: World) -> None:
    found("permissions")
    secrets = standing.aws.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    roles = standing.aws.client("iam").list_roles(PathPrefix=os.environ["TENANT_ROLE_PATH"])["Roles"]
    versions = standing.aws.client("s3").list_object_versions(Bucket=os.environ["AGENT_BUCKET"])
    assert (secrets, roles, versions.get("Versions", []), versions.get("DeleteMarkers", [])) == ([], [], [], [])


def test_every_probe_is_of_a_call_that_somebody_makes() -> None:
    assert set(probes.PROBES) <= {need.action for need in NEEDS}
