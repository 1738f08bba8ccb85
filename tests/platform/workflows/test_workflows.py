"""GitHub's workflows: what the linters say, and the rules of this house that no linter knows."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.platform.tools import needs_tool, tool

ROOT = Path(__file__).resolve().parents[3]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = sorted((ROOT / ".github" / "scripts").glob("*.sh"))
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")


def read(path: Path) -> dict[str, Any]:
    # `on` is a boolean in YAML 1.1.
    document: dict[Any, Any] = yaml.safe_load(path.read_text())
    return {"on" if key is True else key: value for key, value in document.items()}


def jobs() -> list[tuple[str, dict[str, Any]]]:
    return [(f"{path.stem}.{name}", job) for path in WORKFLOWS for name, job in read(path)["jobs"].items()]


def steps() -> list[tuple[str, dict[str, Any]]]:
    return [(name, step) for name, job in jobs() for step in job["steps"]]


@needs_tool("zizmor")
def test_zizmor_has_nothing_to_say() -> None:
    command = [tool("zizmor"), "--offline", "--format", "json", str(ROOT / ".github")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout) == [], done.stderr


@needs_tool("shellcheck")
def test_shellcheck_has_nothing_to_say() -> None:
    programs = [*SCRIPTS, ROOT / "terraform" / "bootstrap" / "up.sh", ROOT / ".ci" / "run"]
    done = subprocess.run([tool("shellcheck"), *map(str, programs)], capture_output=True, text=True, check=False)
    assert done.stdout == ""


@needs_tool("hadolint")
def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run([tool("hadolint"), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.stdout == ""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_begins_with_no_permission(path: Path) -> None:
    assert read(path)["permissions"] == {}


def test_every_action_is_pinned_by_its_commit() -> None:
    used = [step["uses"] for _, step in steps() if "uses" in step]
    assert used
    assert [one for one in used if not PINNED.match(one)] == []


def test_a_step_is_a_line_or_a_script() -> None:
    assert [(name, step["run"]) for name, step in steps() if "\n" in step.get("run", "").strip()] == []


def test_every_script_that_a_step_names_is_there_and_can_be_run() -> None:
    named = {word for _, step in steps() for word in step.get("run", "").split() if word.startswith(".github/scripts/")}
    assert named
    assert [one for one in named if not (ROOT / one).stat().st_mode & 0o111] == []


def test_the_account_is_the_only_secret() -> None:
    text = "".join(path.read_text() for path in WORKFLOWS)
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"AWS_ACCOUNT_ID"}


def test_only_jobs_that_need_aws_may_ask_for_its_token() -> None:
    may = {name for name, job in jobs() if job["permissions"].get("id-token") == "write"}
    assert may == {"terraform.plan", "terraform.apply", "deploy.deploy"}


def test_no_job_of_a_pull_request_applies() -> None:
    for name, job in jobs():
        applies = any("apply" in step.get("run", "") or "deploy.sh" in step.get("run", "") for step in job["steps"])
        if applies:
            assert "environment" in job, name
            assert "refs/heads/main" in job["if"], name
    plan = dict(jobs())["terraform.plan"]
    assert "head.repo.full_name == github.repository" in plan["if"]
    assert "environment" not in plan


def test_no_workflow_runs_a_forks_code_with_our_rights() -> None:
    assert [path.stem for path in WORKFLOWS if "pull_request_target" in read(path)["on"]] == []


def test_every_job_ends_and_waits_its_turn() -> None:
    for path in WORKFLOWS:
        workflow = read(path)
        for name, job in workflow["jobs"].items():
            assert job["timeout-minutes"] <= 90, name
            assert "concurrency" in workflow or "concurrency" in job, name
