"""docs/scaling.md's claim: nothing in Terraform grows with customers."""

import re
from pathlib import Path

import pytest

from tests.platform.terraform.cli import TERRAFORM

FILES = sorted(path for path in TERRAFORM.rglob("*.tf"))


def names(kind: str) -> set[str]:
    return {name for path in FILES for name in re.findall(rf'^{kind} "([^"]+)"', path.read_text(), re.MULTILINE)}


def test_no_variable_takes_customers() -> None:
    assert [name for name in names("variable") if re.search(r"customers|tenants|tenant_ids|subdomains", name)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TERRAFORM).as_posix())
def test_nothing_is_made_for_each_of_something_unbounded(path: Path) -> None:
    looped = re.findall(r"^\s+for_each\s+= (.*)$", path.read_text(), re.MULTILINE)
    assert [one for one in looped if re.search(r"customer|tenant", one)] == []


def test_definitions_are_one_a_role_and_a_process() -> None:
    made = [path for path in FILES if 'resource "aws_ecs_task_definition"' in path.read_text()]
    assert {path.parent.name for path in made} == {"agents", "backoffice", "egress"}


def test_a_tenants_policy_names_no_tenant() -> None:
    text = (TERRAFORM / "modules" / "agents" / "tenant_policy.tf").read_text()
    assert text.count("aws:PrincipalTag/TenantID") == 1
    assert not re.search(r"[0-9a-f]{32}", text)
