"""Posts each change of a task to EventBridge, as ECS does; moto's rules bring it to the queues."""

import json
import logging

from moto.events.models import events_backends

from .task import Task

logger = logging.getLogger(__name__)


def post_state_change(task: Task) -> None:
    """One "ECS Task State Change" event of the task as it is now. Never raises: ECS goes on without EventBridge.

    Delivery is at least once and in no promised order, on AWS; here it is once and in order.
    """
    launch = task.launch
    event = {
        "Source": "aws.ecs",
        "DetailType": "ECS Task State Change",
        "Detail": json.dumps(task.event_detail()),
        "Resources": [task.arn],
    }
    try:
        events_backends[launch.account][launch.region].put_events([event])
    except Exception:
        logger.exception("The state change of task %s was not delivered.", task.id)
