"""The ECS cluster as the tests of agents use it: small programs in the place of the agents', and what ECS shows."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from agents.models import AgentRun
from agents.services import run_refresh
from openclaw_site.aws.ecs import TaskInfo, describe_tasks
from openclaw_site.devstack.world import World

ROLES = ("butler", "scout", "writer")


class Cluster:
    """One family a role, under a prefix of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.name = world.aws.platform.cluster
        self.queue_url = world.aws.platform.queue_url
        self.ecs = world.aws.client("ecs")
        self.sqs = world.aws.client("sqs")
        self._own_queue = False
        self.prefix = f"test-{uuid.uuid4().hex[:8]}"
        self.forget_events()

    def define(self, shell: str) -> None:
        """From now on every agent runs this line of sh."""
        for role in ROLES:
            self.ecs.register_task_definition(
                family=f"{self.prefix}-{role}",
                requiresCompatibilities=["FARGATE"],
                networkMode="awsvpc",
                cpu="256",
                memory="512",
                containerDefinitions=[
                    {
                        "name": f"openclaw-{role}",
                        "image": "test:local",
                        "essential": True,
                        "command": ["sh", "-c", shell],
                        "memory": 512,
                        "stopTimeout": 5,
                        "environment": [],
                        "logConfiguration": {
                            "logDriver": "awslogs",
                            "options": {
                                "awslogs-group": "/openclaw/dev/agents",
                                "awslogs-region": self.world.aws.platform.environment()["AWS_REGION"],
                                "awslogs-stream-prefix": role,
                            },
                        },
                    }
                ],
            )

    def tasks(self) -> list[TaskInfo]:
        """Every task of these families that ECS remembers."""
        found: set[str] = set()  # A task that stops between the two listings is in both.
        for role in ROLES:
            for status in ("RUNNING", "STOPPED"):
                pages = self.ecs.get_paginator("list_tasks").paginate(
                    cluster=self.name, family=f"{self.prefix}-{role}", desiredStatus=status
                )
                found.update(arn for page in pages for arn in page["taskArns"])
        return describe_tasks(cluster=self.name, task_arns=sorted(found)) if found else []

    def task_until(self, arn: str, status: str) -> TaskInfo:
        """The task once it has this status; our own records are not touched."""
        return until(
            lambda: next(
                (info for info in describe_tasks(cluster=self.name, task_arns=[arn]) if info.last_status == status),
                None,
            )
        )

    def run_until(self, run: AgentRun, *states: str) -> AgentRun:
        """The run once ECS's description has brought it into one of these states."""

        def look() -> AgentRun | None:
            fresh = run_refresh(run=run)
            return fresh if fresh.state in states else None

        return until(look)

    def forget_events(self) -> None:
        """The platform's queue is empty."""
        url = self.world.aws.platform.queue_url
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            receipts = [{"Id": str(n), "ReceiptHandle": found["ReceiptHandle"]} for n, found in enumerate(messages)]
            self.sqs.delete_message_batch(QueueUrl=url, Entries=receipts)

    def use_own_queue(self, settings: Any) -> None:
        """From now on events are received from a queue where only the test puts them."""
        settings.TASK_EVENTS_QUEUE_URL = self.queue_url = self.sqs.create_queue(QueueName=f"{self.prefix}-events")[
            "QueueUrl"
        ]
        self._own_queue = True

    def send(self, body: str) -> None:
        """Put a message into the events' queue."""
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)

    def queue_sizes(self) -> tuple[int, int]:
        """Messages that wait, and messages that somebody received and did not delete."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)["Attributes"]
        return int(answer[names[0]]), int(answer[names[1]])

    def close(self) -> None:
        """Capacity is back, and no task of the test runs on."""
        if self._own_queue:
            self.sqs.delete_queue(QueueUrl=self.queue_url)
        self.world.aws.fargate.without_capacity.clear()
        self.world.aws.fargate.roles.propagation_seconds = 0.0
        for info in self.tasks():
            if info.last_status != "STOPPED":
                self.ecs.stop_task(cluster=self.name, task=info.arn, reason="test ended")
                self.task_until(info.arn, "STOPPED")
        self.forget_events()


def until(look: Callable[[], Any], seconds: float = 20) -> Any:
    """What `look` returns once it is not None."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return found
