"""The task role as the ECS agent takes it on: moto's IAM says whether it may, moto's STS gives the keys."""

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from moto.core.exceptions import ServiceException
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from .task import Json, Task

SESSION_SECONDS = 6 * 3600
_SERVICE = "ecs-tasks.amazonaws.com"


@dataclass
class RoleSettings:
    """How IAM behaves towards tasks; tests change it while the world runs.

    `propagation_seconds`: for so long after its creation a role can't be assumed yet (IAM is eventually
    consistent; real roles take some ten seconds).
    """

    propagation_seconds: float = 0.0


def refusal(task: Task, settings: RoleSettings) -> str | None:
    """Why the task's role can't be assumed, in ECS's words; None when it can or the task has none."""
    arn = task.launch.task_role_arn
    if arn is None or _assumable(task, arn, settings):
        return None
    return (
        f"ECS was unable to assume the role '{arn}' that was provided for this task. Please verify that the role "
        "being passed has the proper trust relationship and permissions and that your IAM user has permissions "
        "to pass this role."
    )


class Credentials:
    """Keys of one task's role, as its container fetches them. Assumed on first use and then kept."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._lock = threading.Lock()
        self._document: Json | None = None

    def document(self) -> Json:
        """The credentials endpoint's answer. The session's name is the task's id, as with ECS."""
        with self._lock:
            if self._document is None:
                self._document = self._assume()
            return self._document

    def _assume(self) -> Json:
        launch = self._task.launch
        partition = get_partition(launch.region)
        role = sts_backends[launch.account][partition].assume_role(
            region_name=launch.region,
            role_session_name=self._task.id,
            role_arn=str(launch.task_role_arn),
            policy="",
            duration=SESSION_SECONDS,
            external_id="",
        )
        expires = role.expiration.replace(tzinfo=UTC)
        return {
            "RoleArn": launch.task_role_arn,
            "AccessKeyId": role.access_key_id,
            "SecretAccessKey": role.secret_access_key,
            "Token": role.session_token,
            "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def _assumable(task: Task, arn: str, settings: RoleSettings) -> bool:
    launch = task.launch
    try:
        role = iam_backends[launch.account][get_partition(launch.region)].get_role_by_arn(arn)
    except ServiceException:
        return False
    age = (datetime.now(UTC) - role.create_date.replace(tzinfo=UTC)).total_seconds()
    return age >= settings.propagation_seconds and _trusts_ecs(role.assume_role_policy_document)


def _trusts_ecs(document: str) -> bool:
    """Whether the role's trust policy names the ECS agent. Its conditions are not evaluated."""
    try:
        statements = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError):
        return False
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        named = [services] if isinstance(services, str) else services
        if statement.get("Effect") == "Allow" and _SERVICE in named:
            return True
    return False
