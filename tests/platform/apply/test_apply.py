"""From an empty account to an active customer and back to nothing, with Terraform's outputs alone (run.py does it)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.platform.terraform.cli import ROOT, needs_terraform

pytestmark = [needs_terraform, pytest.mark.timeout(560)]

# What the emulated AWS gives back otherwise than it was given, so that every plan would change it again.
UNSTEADY = (
    "module.platform.module.backoffice.aws_ecs_service.this[",  # forgets capacity providers
    "module.platform.module.database.aws_db_instance.this",  # forgets monitoring and storage settings
    "module.platform.module.database.aws_db_parameter_group.this",  # forgets parameters' apply methods
    "module.platform.module.events.aws_sqs_queue.tasks",  # takes a queue's policy for an attribute of its own
    "module.platform.module.events.aws_sqs_queue_policy.tasks",
    "module.platform.module.network.aws_vpc_security_group_",  # forgets rules' descriptions and tags
)


def test_an_environment_lives_and_goes(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.platform.apply.run", str(tmp_path / "all"), str(report)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=550,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    seen: dict[str, Any] = json.loads(report.read_text())

    # A customer came to life by what Terraform told, under its boundary and policy.
    assert seen["role"]["arn"].startswith("arn:aws:iam::123456789012:role/openclaw/dev/tenants/t_")
    assert seen["role"]["boundary"] == seen["told"]["TENANT_BOUNDARY_ARN"]
    assert seen["role"]["policies"] == [seen["told"]["TENANT_POLICY_ARN"]]
    assert seen["closed"]["code"] == 0, seen["closed"]["output"]

    # Nothing changes by itself, but what the emulation forgets.
    assert [one for one in seen["second_plan"] if not one.startswith(UNSTEADY)] == []

    # Doctor finds nothing wrong but the release that was not made.
    problems = [line for line in seen["doctor"]["output"].splitlines() if "PROBLEM" in line]
    assert [one for one in problems if "has no image yet" not in one] == []

    # No one step destroys anything: Terraform refuses before it begins, and AWS who goes around it.
    assert "apply with protect_data = false first" in seen["refused"]["destroy"]
    assert seen["refused"]["database"] == "InvalidParameterCombination"
    assert seen["refused"]["bucket"] == "BucketNotEmpty"
    assert seen["kept"] > 50
    assert seen["lost"] == []

    # The second step does, and leaves nothing.
    assert {what: left for what, left in seen["left"].items() if left} == {}
