"""The plan's comment: under GitHub's limit, one a pull request, and not led astray by what a plan says."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / ".github" / "scripts" / "plan_comment.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    specification = importlib.util.spec_from_file_location("plan_comment", SCRIPT)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Comments:
    """GitHub's comments of pull request 12."""

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []
        self.tokens: set[str] = set()

    def add(self, body: str, who: str = "Bot") -> None:
        self.all.append({"id": len(self.all) + 1, "body": body, "user": {"type": who}})


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Comments]:
    comments = Comments()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

        def _answer(self, value: Any) -> None:
            comments.tokens.add(self.headers["Authorization"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def _body(self) -> str:
            return str(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"])

        def do_GET(self) -> None:
            page = int(self.path.rpartition("page=")[2])
            self._answer(comments.all[(page - 1) * 100 : page * 100])

        def do_POST(self) -> None:
            comments.add(self._body())
            self._answer({})

        def do_PATCH(self) -> None:
            comments.all[int(self.path.rpartition("/")[2]) - 1]["body"] = self._body()
            self._answer({})

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/saas")
    monkeypatch.setenv("GITHUB_TOKEN", "a-token")
    yield comments
    server.shutdown()
    server.server_close()
    thread.join()


def run(script: ModuleType, plan: Path, environment: str = "dev") -> int:
    arguments = ["--pull-request", "12", "--environment", environment, "--plan", str(plan), "--run-url", "https://x/1"]
    return int(script.main(arguments))


def test_a_second_plan_changes_the_same_comment(script: ModuleType, github: Comments, tmp_path: Path) -> None:
    plan = tmp_path / "plan.txt"
    for text in ("Plan: 1 to add, 0 to change, 0 to destroy.", "No changes. Your infrastructure matches."):
        plan.write_text(text)
        assert run(script, plan) == 0
    assert len(github.all) == 1
    assert "**No changes. Your infrastructure matches.**" in github.all[0]["body"]
    assert github.tokens == {"Bearer a-token"}


def test_environments_have_a_comment_each(script: ModuleType, github: Comments, tmp_path: Path) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text("Plan: 1 to add, 0 to change, 0 to destroy.")
    for environment in ("dev", "production", "dev"):
        run(script, plan, environment)
    assert len(github.all) == 2


def test_a_persons_comment_with_our_mark_is_left_alone(script: ModuleType, github: Comments, tmp_path: Path) -> None:
    github.add(script.mark("dev") + " written by hand", who="User")
    plan = tmp_path / "plan.txt"
    plan.write_text("No changes.")
    run(script, plan)
    assert [one["body"].endswith("by hand") for one in github.all] == [True, False]


def test_our_comment_is_found_behind_a_hundred_others(script: ModuleType, github: Comments, tmp_path: Path) -> None:
    for _ in range(100):
        github.add("a remark", who="User")
    plan = tmp_path / "plan.txt"
    plan.write_text("No changes.")
    run(script, plan)
    run(script, plan)
    assert len(github.all) == 101


@pytest.mark.parametrize("letter", ["x", "ü", "💰"])
def test_a_long_plan_is_cut_below_githubs_limit(script: ModuleType, letter: str) -> None:
    lines = "\n".join(f"  + line {number} {letter * 40}" for number in range(5_000))
    text = script.body("dev", f"first\n{lines}\nPlan: 5000 to add, 0 to change, 0 to destroy.", "https://x/1")
    assert len(text.encode()) < 65_536
    assert "first" in text
    assert text.count("Plan: 5000 to add") == 2
    assert "lines are left out" in text


def test_a_plan_can_not_end_its_block(script: ModuleType) -> None:
    text = script.body(
        "dev", "a\n```\n[click](https://evil)\nPlan: 1 to add, 0 to change, 0 to destroy.", "https://x/1"
    )
    assert text.count("```") == 2


def test_a_failure_is_the_summary(script: ModuleType) -> None:
    assert "**Error: Invalid value**" in script.body("dev", "\x1b[31mError: Invalid value\x1b[0m", "https://x/1")
