"""A task as ECS describes it. Owns the record and its two public forms; engine.py decides when it changes."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

PROVISIONING = "PROVISIONING"
PENDING = "PENDING"
RUNNING = "RUNNING"
DEPROVISIONING = "DEPROVISIONING"
STOPPED = "STOPPED"

Json = dict[str, Any]


def now() -> datetime:
    """The time in UTC, to the millisecond, which is as fine as ECS is."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What RunTask asked for, checked: all that is needed to start one task and never changes."""

    account: str
    region: str
    cluster_arn: str
    cluster_name: str
    task_definition_arn: str
    family: str
    containers: tuple[Json, ...]  # container definitions
    cpu: str
    memory: str
    task_role_arn: str | None
    overrides: Json
    network: Json
    launch_type: str
    capacity_provider: str | None
    group: str
    started_by: str | None
    tags: tuple[Json, ...]

    @property
    def main(self) -> Json:
        """The definition of the container that runs."""
        return next((item for item in self.containers if item.get("essential", True)), self.containers[0])

    @property
    def main_override(self) -> Json:
        """What RunTask overrode of the container that runs."""
        overrides: list[Json] = self.overrides.get("containerOverrides", [])
        return next((item for item in overrides if item["name"] == self.main["name"]), {})

    @property
    def memory_limit_mib(self) -> int:
        limits = [int(self.memory), self.main_override.get("memory"), self.main.get("memory")]
        return min(int(limit) for limit in limits if limit)


@dataclass(eq=False)
class Task:
    """One task. Only the engine's thread changes it, except desired_status and the stop's reason."""

    launch: Launch
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    last_status: str = PROVISIONING
    desired_status: str = RUNNING
    version: int = 1
    created_at: datetime = field(default_factory=now)
    pull_started_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    exit_code: int | None = None
    container_reason: str | None = None
    tags: list[Json] = field(default_factory=list)  # moto's tagging API reads and replaces these

    def __post_init__(self) -> None:
        self.tags = [dict(tag) for tag in self.launch.tags]
        self._container_ids = [uuid.uuid4().hex for _ in self.launch.containers]

    @property
    def arn(self) -> str:
        launch = self.launch
        return f"arn:aws:ecs:{launch.region}:{launch.account}:task/{launch.cluster_name}/{self.id}"

    task_arn = arn  # the name that moto's own code knows

    def describe(self) -> Json:
        """The task as the ECS API returns it, times as datetimes, what is not known left out."""
        launch = self.launch
        known = {
            "taskArn": self.arn,
            "clusterArn": launch.cluster_arn,
            "taskDefinitionArn": launch.task_definition_arn,
            "availabilityZone": f"{launch.region}a",
            "attachments": [self._network_interface()],
            "capacityProviderName": launch.capacity_provider,
            "connectivity": "CONNECTED" if self.started_at else None,
            "connectivityAt": self.started_at,
            "containers": self._containers(),
            "cpu": launch.cpu,
            "memory": launch.memory,
            "createdAt": self.created_at,
            "desiredStatus": self.desired_status,
            "enableExecuteCommand": False,
            "ephemeralStorage": {"sizeInGiB": 20},
            "group": launch.group,
            "lastStatus": self.last_status,
            "launchType": launch.launch_type,
            "overrides": launch.overrides,
            "platformFamily": "Linux",
            "platformVersion": "1.4.0",
            "pullStartedAt": self.pull_started_at,
            "pullStoppedAt": self.pull_started_at,
            "startedAt": self.started_at,
            "startedBy": launch.started_by,
            "stopCode": self.stop_code,
            "stoppedReason": self.stopped_reason,
            "stoppingAt": self.stopping_at,
            "executionStoppedAt": self.execution_stopped_at,
            "stoppedAt": self.stopped_at,
            "tags": list(self.tags),
            "version": self.version,
        }
        return {name: value for name, value in known.items() if value is not None}

    def event_detail(self) -> Json:
        """The `detail` of the "ECS Task State Change" event: as described, times as text, without tags."""
        detail = {name: value for name, value in self.describe().items() if name != "tags"}
        detail["updatedAt"] = now()
        return {name: _text(value) if isinstance(value, datetime) else value for name, value in detail.items()}

    def _containers(self) -> list[Json]:
        status = {PROVISIONING: PENDING, DEPROVISIONING: STOPPED}.get(self.last_status, self.last_status)
        described = []
        for definition, identifier in zip(self.launch.containers, self._container_ids, strict=True):
            container: Json = {
                "containerArn": self.arn.replace(":task/", ":container/", 1) + f"/{identifier}",
                "taskArn": self.arn,
                "name": definition["name"],
                "image": definition.get("image", ""),
                "lastStatus": status,
                "networkInterfaces": [],
                "healthStatus": "UNKNOWN",
                "cpu": str(definition.get("cpu", 0)),
            }
            if definition.get("memory"):
                container["memory"] = str(definition["memory"])
            if self.started_at:
                container["runtimeId"] = f"{self.id}-{identifier[:10]}"
            if definition is self.launch.main:
                if self.exit_code is not None:
                    container["exitCode"] = self.exit_code
                if self.container_reason:
                    container["reason"] = self.container_reason
            described.append(container)
        return described

    def _network_interface(self) -> Json:
        subnet = self.launch.network["awsvpcConfiguration"]["subnets"][0]
        status = {PROVISIONING: "PRECREATED", STOPPED: "DELETED"}.get(self.last_status, "ATTACHED")
        return {
            "id": self.id,
            "type": "ElasticNetworkInterface",
            "status": status,
            "details": [{"name": "subnetId", "value": subnet}],
        }


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
