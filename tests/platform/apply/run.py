"""`python -m tests.platform.apply.run FOLDER REPORT`: from an empty account to an active customer, and back to nothing.

A process of its own, since moto's state is global to one. Bootstrap and dev are applied; the product's processes get
what `terraform output` says and no other name of AWS's or the database's; a customer is onboarded over HTTP, as through
the load balancer, and closed again; a second plan is looked at; the environment is destroyed in its two steps. What was
seen is written as JSON, for test_apply.py to judge.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from openclaw_site.demo.browser import Browser
from openclaw_site.demo.evidence import customer_state
from openclaw_site.demo.walk import DEMO_CUSTOMERS, onboard, sign_in, wait_until
from tests.platform.apply.account import left, refusals
from tests.platform.apply.stack import AppliedStack, LoadBalancer


def main(folder: Path, report: Path) -> None:
    """Do it all; what was seen goes into `report`, also when something fails on the way."""
    # RDS's monitoring role takes one of AWS's own policies; moto reads this when it is loaded.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    seen: dict[str, Any] = {}
    begun = time.monotonic()
    stack = AppliedStack(folder)
    try:
        with stack:
            _live(stack, seen)
            _end(stack, seen)
    finally:
        seen["seconds"] = {**stack.environment.seconds, "all": time.monotonic() - begun}
        report.write_text(json.dumps(seen, indent=2))


def _live(stack: AppliedStack, seen: dict[str, Any]) -> None:
    """A customer comes, its agents prove themselves, and it goes again."""
    outputs = stack.environment.outputs()
    seen["outputs"] = sorted(outputs)
    seen["told"] = {name: value for name, value in outputs["environment"].items() if "URL" not in name}
    with Browser() as browser:
        browser._client = httpx.Client(transport=LoadBalancer(stack.world.ports.web), follow_redirects=True, timeout=30)
        sign_in(browser, stack)
        begun = time.monotonic()
        customer = onboard(browser, stack, DEMO_CUSTOMERS[0])
        wait_until(stack, lambda: customer_state(stack.world, customer.id) == "active", "for it to be active", 120)
        seen["seconds_to_active"] = time.monotonic() - begun
    role = f"t_{customer.id.hex}"
    iam = stack.environment.client("iam")
    seen["role"] = {
        "arn": iam.get_role(RoleName=role)["Role"]["Arn"],
        "boundary": iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"],
        "policies": [p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]],
    }
    seen["doctor"] = _manage(stack, "doctor", "--process", "operator")
    seen["closed"] = _manage(stack, "close_customer", str(customer.id), "--yes")
    wait_until(stack, lambda: customer_state(stack.world, customer.id) == "closed", "for it to be closed", 90)


def _end(stack: AppliedStack, seen: dict[str, Any]) -> None:
    """A second plan, what refuses to be destroyed, and the destruction in its two steps."""
    environment = stack.environment
    seen["second_plan"] = environment.plan()
    before = environment.tagged()
    seen["refused"] = refusals(environment)
    seen["kept"] = len(before)
    seen["lost"] = sorted(set(before) - set(environment.tagged()))
    environment.change(protect_data=False)
    environment.destroy()
    seen["left"] = left(environment)


def _manage(stack: AppliedStack, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=stack._environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return {"code": done.returncode, "output": (done.stdout + done.stderr)[-4000:]}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
