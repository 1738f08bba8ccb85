"""A release's steps on the embedded AWS: images by digest, a one-off task that really runs, services moved and back."""

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest

from openclaw_site.devstack.world import World

SCRIPT = Path(__file__).resolve().parents[3] / ".github" / "scripts" / "release.py"
OLD, NEW = (f"repository/backoffice@sha256:{letter * 64}" for letter in "ab")
LOG_GROUP = "/openclaw/release/backoffice"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    specification = importlib.util.spec_from_file_location("release", SCRIPT)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _container(name: str, world: World) -> dict[str, Any]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    told = {**world.environment(), "DJANGO_SETTINGS_MODULE": "openclaw_site.settings.base", "PATH": path}
    return {
        "name": name,
        "image": "openclaw-backoffice:test",
        "essential": True,
        "memory": 512,
        "command": ["python", "manage.py", "check"],
        "environment": [{"name": key, "value": value} for key, value in told.items()],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": LOG_GROUP, "awslogs-region": "eu-central-1", "awslogs-stream-prefix": name},
        },
    }


@pytest.fixture
def described(aws: World) -> Iterator[dict[str, Any]]:
    """An environment with one service, as Terraform's output would describe it."""
    ecs, ssm, logs = (aws.aws.client(service) for service in ("ecs", "ssm", "logs"))
    cluster = os.environ["ECS_CLUSTER"]
    logs.create_log_group(logGroupName=LOG_GROUP)
    ssm.put_parameter(Name="/release/images/backoffice", Value="none", Type="String", Overwrite=True)

    def define(family: str, name: str) -> str:
        made = ecs.register_task_definition(
            family=family,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[_container(name, aws)],
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    first, second = define("release-web", "web"), define("release-web", "web")
    ecs.create_service(cluster=cluster, serviceName="release-web", taskDefinition=first, desiredCount=0)
    yield {
        "name": "release",
        "region": "eu-central-1",
        "cluster": cluster,
        "subnets": os.environ["ECS_SUBNETS"].split(","),
        "security_groups": os.environ["ECS_SECURITY_GROUPS"].split(","),
        "image_parameters": {"backoffice": "/release/images/backoffice"},
        "log_group": LOG_GROUP,
        "url": "http://127.0.0.1:1",
        "tasks": {"operator": define("release-operator", "operator")},
        "services": {"web": {"service": "release-web", "task_definition": second, "desired_count": 2}},
        "first": first,
    }
    ecs.delete_service(cluster=cluster, service="release-web", force=True)
    logs.delete_log_group(logGroupName=LOG_GROUP)


def test_images_are_named_by_digest_and_the_ones_before_are_told(script: ModuleType, described: dict[str, Any]) -> None:
    release = script.Release(described)
    assert release.images({"backoffice": OLD}) == {"backoffice": "none"}
    assert release.images({"backoffice": NEW}) == {"backoffice": OLD}
    assert release.images({"backoffice": NEW}) == {"backoffice": NEW}


def test_a_tag_is_refused_and_nothing_is_changed(script: ModuleType, described: dict[str, Any]) -> None:
    release = script.Release(described)
    with pytest.raises(script.Failed, match="names no digest"):
        release.images({"backoffice": "repository/backoffice:latest"})
    with pytest.raises(script.Failed, match="no image other"):
        release.images({"other": OLD})
    assert release.images({"backoffice": OLD}) == {"backoffice": "none"}


def test_a_task_runs_to_its_end_and_its_lines_are_shown(
    script: ModuleType, described: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    release = script.Release(described, poll_seconds=0.2)
    assert release.task("operator", ["help", "doctor"]) == 0
    assert "Look at the configuration as deployed" in capsys.readouterr().out


def test_a_task_that_fails_gives_its_exit_code(
    script: ModuleType, described: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    release = script.Release(described, poll_seconds=0.2)
    assert release.task("operator", ["no_such_command"]) == 1
    assert "Unknown command" in capsys.readouterr().out


def test_services_move_to_the_new_revision(script: ModuleType, described: dict[str, Any], aws: World) -> None:
    release = script.Release(described, poll_seconds=0.1)
    release.roll()
    service = _service(aws)
    assert (service["taskDefinition"], service["desiredCount"]) == (described["services"]["web"]["task_definition"], 2)


def test_a_release_that_does_not_come_up_goes_back(
    script: ModuleType, described: dict[str, Any], aws: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = script.Release(described, poll_seconds=0.1)
    real = release._services

    def failing() -> dict[str, Any]:
        services = real()
        for service in services.values():
            if service["taskDefinition"] != described["first"]:
                service["deployments"][0].update(rolloutState="FAILED", rolloutStateReason="tasks failed to start")
        return dict(services)

    monkeypatch.setattr(release, "_services", failing)
    with pytest.raises(script.Failed, match="tasks failed to start"):
        release.roll()
    assert _service(aws)["taskDefinition"] == described["first"]


def test_a_missing_service_says_what_to_do(script: ModuleType, described: dict[str, Any]) -> None:
    described["services"]["worker"] = {"service": "release-worker", "task_definition": "x", "desired_count": 1}
    with pytest.raises(script.Failed, match="terraform apply"):
        script.Release(described).roll()


def test_a_site_that_does_not_answer_fails_the_look(
    script: ModuleType, described: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "release.json"
    path.write_text(json.dumps(described))
    assert script.main(["--release", str(path), "smoke"]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_doctors_problems_fail_the_look(
    script: ModuleType, described: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Healthy)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        release = script.Release({**described, "url": f"http://127.0.0.1:{server.server_port}"})
        monkeypatch.setattr(release, "task", lambda name, command: 1)
        with pytest.raises(script.Failed, match="doctor found problems"):
            release.smoke()
        monkeypatch.setattr(release, "task", lambda name, command: 0)
        release.smoke()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _service(aws: World) -> dict[str, Any]:
    found = aws.aws.client("ecs").describe_services(cluster=os.environ["ECS_CLUSTER"], services=["release-web"])
    return dict(found["services"][0])
