"""The ECS task API on top of engine and registry, and its place in moto. Owns what each action answers.

moto's own tasks move on when they are described and know no client token, so its four task actions are replaced
on its response class between install() and remove(); clusters, task definitions, tags and everything else of
ECS stay moto's.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from ...ledger import Ledger
from .checks import checked_launch
from .endpoint import Endpoint
from .engine import Engine
from .errors import invalid_parameter
from .registry import Registry
from .task import RUNNING, Json, Task

MAX_DESCRIBED = 100
CAPACITY_REASON = "Capacity is unavailable at this time. Please try again later or in a different availability zone"

Action = Callable[[EC2ContainerServiceBackend, Json], Json]


class Fargate:
    """Start, stop, describe and list tasks.

    For tests: a capacity provider's name (or FARGATE) in `without_capacity` makes RunTask answer with a failure;
    `roles.propagation_seconds` delays when a new role can be assumed.
    """

    def __init__(
        self, *, port: int, state_dir: Path, cwd: Path, ledger: Ledger | None = None, max_running: int = 24
    ) -> None:
        self.endpoint = Endpoint(port=port)
        self.registry = Registry()
        self.without_capacity: set[str] = set()
        self._engine = Engine(
            state_dir=state_dir, cwd=cwd, endpoint=self.endpoint, ledger=ledger, max_running=max_running
        )
        self.roles = self._engine.roles
        self._replaced: dict[str, Any] = {}

    def start(self) -> None:
        """The task actions of moto's ECS are ours when this returns. DevstackError: port taken."""
        self.endpoint.start()
        self._engine.start()
        self._install()

    def stop(self, grace_seconds: float = 3.0) -> None:
        """No task runs any more. Safe to repeat."""
        self._remove()
        self._engine.close(grace_seconds)
        self.endpoint.stop()

    def rss_mib(self) -> float:
        """Memory of all running tasks in MiB."""
        return self._engine.rss_mib()

    def run_task(self, backend: EC2ContainerServiceBackend, request: Json) -> Json:
        """RunTask. With a client token safe to repeat: the same tasks again, as they are now."""
        launch = checked_launch(backend, request)
        if (launch.capacity_provider or launch.launch_type) in self.without_capacity:
            return {"tasks": [], "failures": [{"reason": CAPACITY_REASON}]}
        new: list[Task] = []

        def make() -> list[Task]:
            new.extend(Task(launch) for _ in range(int(request.get("count") or 1)))
            self._show_to_moto(backend, launch.cluster_name, new)
            return list(new)

        tasks = self.registry.run(launch.cluster_arn, request, make)
        answer = {"tasks": [task.describe() for task in tasks], "failures": []}
        for task in new:
            self._engine.submit(task)
        return answer

    def _show_to_moto(self, backend: EC2ContainerServiceBackend, cluster_name: str, new: list[Task]) -> None:
        """moto's tagging API looks tasks up in its backend; those that are forgotten go from there as well."""
        known = [task for task in self.registry.all() if task.launch.cluster_name == cluster_name]
        shown: Any = {task.arn: task for task in [*known, *new]}
        backend.tasks[cluster_name] = shown

    def stop_task(self, backend: EC2ContainerServiceBackend, request: Json) -> Json:
        """StopTask. Answers before the task has stopped; a stopped one is answered as it is."""
        cluster = backend._get_cluster(request.get("cluster") or "default")
        task = self.registry.find(request.get("task") or "", cluster_arn=cluster.arn)
        if task is None:
            raise invalid_parameter("The referenced task was not found.")
        self._engine.request_stop(task, request.get("reason") or "Task stopped by user")
        return {"task": task.describe()}

    def describe_tasks(self, backend: EC2ContainerServiceBackend, request: Json) -> Json:
        """DescribeTasks: at most 100, tags only when included, unknown ones under `failures`."""
        cluster = backend._get_cluster(request.get("cluster") or "default")
        names: list[str] = request.get("tasks") or []
        if not names:
            raise invalid_parameter("Tasks cannot be empty.")
        if len(names) > MAX_DESCRIBED:
            raise invalid_parameter(f"Tasks length should be at most {MAX_DESCRIBED}.")
        with_tags = "TAGS" in (request.get("include") or [])
        tasks, failures = [], []
        for name in names:
            task = self.registry.find(name, cluster_arn=cluster.arn)
            if task is None:
                arn = name if name.startswith("arn:") else f"{cluster.arn.replace(':cluster/', ':task/')}/{name}"
                failures.append({"arn": arn, "reason": "MISSING"})
                continue
            described = task.describe()
            if not with_tags:
                described["tags"] = []
            tasks.append(described)
        return {"tasks": tasks, "failures": failures}

    def list_tasks(self, backend: EC2ContainerServiceBackend, request: Json) -> Json:
        """ListTasks: those meant to run unless desiredStatus says otherwise, paged."""
        cluster = backend._get_cluster(request.get("cluster") or "default")
        size = int(request.get("maxResults") or 100)
        if not 1 <= size <= 100:
            raise invalid_parameter("maxResults should be between 1 and 100.")
        wanted = [
            task.arn
            for task in self.registry.all()
            if task.launch.cluster_arn == cluster.arn and _matches(task, request)
        ]
        begin = _page_begin(request.get("nextToken"), len(wanted))
        answer: Json = {"taskArns": wanted[begin : begin + size]}
        if begin + size < len(wanted):
            answer["nextToken"] = f"page-{begin + size}"
        return answer

    def _install(self) -> None:
        actions: dict[str, Action] = {
            "run_task": self.run_task,
            "stop_task": self.stop_task,
            "describe_tasks": self.describe_tasks,
            "list_tasks": self.list_tasks,
        }
        for name, action in actions.items():
            self._replaced[name] = getattr(EC2ContainerServiceResponse, name)
            setattr(EC2ContainerServiceResponse, name, _as_method(action))

    def _remove(self) -> None:
        for name, original in self._replaced.items():
            setattr(EC2ContainerServiceResponse, name, original)
        self._replaced.clear()


def _as_method(action: Action) -> Callable[[EC2ContainerServiceResponse], ActionResult]:
    def method(response: EC2ContainerServiceResponse) -> ActionResult:
        return ActionResult(action(response.ecs_backend, dict(response._get_params())))

    return method


def _matches(task: Task, request: Json) -> bool:
    family, started_by = request.get("family"), request.get("startedBy")
    return (
        task.desired_status == (request.get("desiredStatus") or RUNNING)
        and (not family or task.launch.family == family)
        and (not started_by or task.launch.started_by == started_by)
        and request.get("launchType") in (None, task.launch.launch_type)
    )


def _page_begin(token: str | None, total: int) -> int:
    if not token:
        return 0
    _, _, number = token.partition("page-")
    if not number.isdigit() or int(number) > total:
        raise invalid_parameter("Invalid token")
    return int(number)
