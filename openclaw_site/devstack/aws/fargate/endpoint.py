"""The loopback address that a container asks for its role's credentials and for its own metadata.

Each container gets its own unguessable path, which is the secret: as on Fargate, whoever reads the environment of
the process can be the role.
"""

import json
import secrets
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from ...loopback import LoopbackServer
from ...ports import HOST, require_free
from .identity import Credentials
from .task import Json, Task


class Endpoint:
    """HTTP server of the two documents. A task is known between admit() and dismiss()."""

    def __init__(self, *, port: int) -> None:
        self.port = port
        self._lock = threading.Lock()
        self._admitted: dict[str, tuple[Task, Credentials]] = {}

        class Handler(_Handler):
            owner: ClassVar[Endpoint] = self

        self._server = LoopbackServer(port=port, handler=Handler, name="devstack-credentials")

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """It answers when this returns. DevstackError: port taken."""
        require_free(self.port, part="the agents' credentials", field="agents")
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def admit(self, task: Task) -> dict[str, str]:
        """Make the task's documents reachable; returns the environment that leads the container there."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._admitted[token] = (task, Credentials(task))
        environment = {"ECS_CONTAINER_METADATA_URI_V4": f"{self.url}/metadata/{token}"}
        if task.launch.task_role_arn:
            environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{self.url}/credentials/{token}"
        return environment

    def dismiss(self, task: Task) -> None:
        """The task's paths are unknown from now on."""
        with self._lock:
            for token, (known, _) in list(self._admitted.items()):
                if known is task:
                    del self._admitted[token]

    def document(self, path: str) -> Json | None:
        """What a GET of this path answers; None is 404."""
        kind, _, rest = path.strip("/").partition("/")
        token, _, what = rest.partition("/")
        with self._lock:
            task, credentials = self._admitted.get(token, (None, None))
        if task is None or credentials is None:
            return None
        if kind == "credentials" and not what and task.launch.task_role_arn:
            return credentials.document()
        if kind == "metadata" and what in ("", "task"):
            return _container_metadata(task) if what == "" else _task_metadata(task)
        return None


class _Handler(BaseHTTPRequestHandler):
    owner: ClassVar[Endpoint]

    def do_GET(self) -> None:
        document = self.owner.document(self.path)
        body = json.dumps(document if document is not None else {"message": "not found"}).encode()
        self.send_response(200 if document is not None else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the path is a secret."""


def _container_metadata(task: Task) -> Json:
    container = task.launch.main
    return {
        "DockerId": task.id,
        "Name": container["name"],
        "Image": container.get("image", ""),
        "Labels": {
            "com.amazonaws.ecs.cluster": task.launch.cluster_arn,
            "com.amazonaws.ecs.container-name": container["name"],
            "com.amazonaws.ecs.task-arn": task.arn,
            "com.amazonaws.ecs.task-definition-family": task.launch.family,
        },
        "KnownStatus": task.last_status,
        "CreatedAt": _text(task.created_at),
        "Type": "NORMAL",
    }


def _task_metadata(task: Task) -> Json:
    launch = task.launch
    return {
        "Cluster": launch.cluster_arn,
        "TaskARN": task.arn,
        "Family": launch.family,
        "Revision": launch.task_definition_arn.rsplit(":", 1)[-1],
        "DesiredStatus": task.desired_status,
        "KnownStatus": task.last_status,
        "Limits": {"CPU": int(launch.cpu) / 1024, "Memory": int(launch.memory)},
        "AvailabilityZone": f"{launch.region}a",
        "LaunchType": launch.launch_type,
        "Containers": [_container_metadata(task)],
    }


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
