"""Terraform's files by themselves: formatted, valid, and without a finding of checkov's that nobody explained."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.platform.terraform.cli import MODULES, ROOT, ROOTS, TERRAFORM, Terraform, needs_terraform
from tests.platform.tools import needs_tool, tool

SKIP = re.compile(r"checkov:skip=(?P<check>[A-Z0-9_]+)(:(?P<reason>.*))?")


@needs_terraform
def test_everything_is_formatted(tmp_path: Path) -> None:
    assert Terraform(TERRAFORM, tmp_path).run("fmt", "-check", "-recursive", check=False) == ""


@needs_terraform
@pytest.mark.parametrize("folder", ROOTS, ids=lambda folder: folder.name)
def test_a_root_is_valid(folder: Path, tmp_path: Path) -> None:
    terraform = Terraform(folder, tmp_path)
    terraform.init()
    assert "The configuration is valid" in terraform.run("validate")


@needs_terraform
@pytest.mark.parametrize(
    "folder", [folder for folder in [*MODULES, *ROOTS] if (folder / "tests").is_dir()], ids=lambda folder: folder.name
)
def test_a_modules_own_tests_pass(folder: Path, tmp_path: Path) -> None:
    terraform = Terraform(folder, tmp_path)
    terraform.init()
    assert ", 0 failed." in terraform.run("test")


def test_every_layer_has_tests_of_its_own() -> None:
    # `platform` only composes them, and `secret` makes what can't be mocked: the apply test runs both.
    assert {folder.name for folder in MODULES if not (folder / "tests").is_dir()} == {"platform", "secret"}


@needs_tool("checkov")
def test_checkov_has_nothing_to_say() -> None:
    command = [tool("checkov"), "-d", str(TERRAFORM), "--framework", "terraform", "--compact", "--quiet", "-o", "json"]
    done = subprocess.run([*command, "--skip-download"], capture_output=True, text=True, check=False, cwd=ROOT)
    report = json.loads(done.stdout)
    failed = {
        f"{check['check_id']} {check['file_path']} {check['resource']}" for check in report["results"]["failed_checks"]
    }
    assert failed == set()
    assert report["summary"]["passed"] > 500


def test_what_checkov_skips_has_a_reason() -> None:
    skips = [
        (path.name, found["check"], (found["reason"] or "").strip())
        for path in TERRAFORM.rglob("*.tf")
        for found in SKIP.finditer(path.read_text())
    ]
    assert skips
    assert [skip for skip in skips if len(skip[2]) < 20] == []
