"""Runs tasks through the ECS API of the embedded AWS, for the tests of this folder."""

import json
import time
from typing import Any

from openclaw_site.devstack.world import World

FAMILY = "openclaw-dev-butler"
CONTAINER = "openclaw-butler"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


class Tasks:
    """The ECS API as the tests use it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.platform = world.aws.platform
        self.ecs = world.aws.client("ecs")
        self._roles: list[str] = []

    def request(self, *command: str, **changes: Any) -> dict[str, Any]:
        """RunTask parameters; `role`, `environment` and `memory` go into the overrides."""
        role, environment = changes.pop("role", None), changes.pop("environment", {})
        memory = changes.pop("memory", None)
        container: dict[str, Any] = {"name": CONTAINER, "command": list(command)}
        container["environment"] = [{"name": name, "value": value} for name, value in environment.items()]
        overrides: dict[str, Any] = {"containerOverrides": [container]}
        if role:
            overrides["taskRoleArn"] = role
        if memory:
            overrides["memory"] = str(memory)
        network = {
            "subnets": list(self.platform.subnets),
            "securityGroups": list(self.platform.security_groups),
        }
        parameters: dict[str, Any] = {
            "cluster": self.platform.cluster,
            "taskDefinition": FAMILY,
            "overrides": overrides,
            "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
            "networkConfiguration": {"awsvpcConfiguration": network},
        }
        return {**parameters, **changes}

    def run(self, *command: str, **changes: Any) -> str:
        """Start one task; returns its ARN."""
        answer = self.ecs.run_task(**self.request(*command, **changes))
        assert answer["failures"] == []
        return str(answer["tasks"][0]["taskArn"])

    def python(self, program: str, **changes: Any) -> str:
        """Start one task that runs a Python program."""
        return self.run("python", "-c", program, **changes)

    def describe(self, arn: str) -> dict[str, Any]:
        answer = self.ecs.describe_tasks(cluster=self.platform.cluster, tasks=[arn], include=["TAGS"])
        assert answer["failures"] == []
        return dict(answer["tasks"][0])

    def until(self, arn: str, status: str, seconds: float = 15) -> dict[str, Any]:
        """The task once it has this status."""
        deadline = time.monotonic() + seconds
        while (task := self.describe(arn))["lastStatus"] != status:
            assert time.monotonic() < deadline, f"still {task['lastStatus']}, not {status}"
            time.sleep(0.03)
        return task

    def stopped(self, arn: str, seconds: float = 15) -> dict[str, Any]:
        return self.until(arn, "STOPPED", seconds)

    def logs(self, arn: str) -> list[str]:
        """The lines of the task's log stream."""
        answer = self.world.aws.client("logs").get_log_events(
            logGroupName="/openclaw/dev/agents",
            logStreamName=f"butler/{CONTAINER}/{task_id(arn)}",
            startFromHead=True,
        )
        return [event["message"] for event in answer["events"]]

    def printed(self, arn: str, line: str, seconds: float = 10) -> None:
        """Return once the task has logged this line."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if line in self.logs(arn):
                    return
            except self.world.aws.client("logs").exceptions.ResourceNotFoundException:
                pass
            assert time.monotonic() < deadline, f"{line!r} was not logged"
            time.sleep(0.05)

    def make_role(self, name: str, trust: dict[str, Any] | None = None) -> str:
        """A customer's role; it is deleted after the test."""
        role = self.world.aws.client("iam").create_role(
            RoleName=name, Path="/openclaw/tenants/", AssumeRolePolicyDocument=json.dumps(trust or TRUST)
        )
        self._roles.append(name)
        return str(role["Role"]["Arn"])

    def clean_up(self) -> None:
        """Stop every task, delete the roles, empty the queue."""
        for arn in self.ecs.list_tasks(cluster=self.platform.cluster)["taskArns"]:
            self.ecs.stop_task(cluster=self.platform.cluster, task=arn, reason="test ended")
        for name in self._roles:
            self.world.aws.client("iam").delete_role(RoleName=name)
        self.events()

    def events(self) -> list[dict[str, Any]]:
        """What the task events queue holds, taken from it."""
        sqs, found = self.world.aws.client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=self.platform.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.platform.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return found


def task_id(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
