"""Reading EventBridge's "ECS Task State Change" events.

Owns the shape of the event; fetching it from a queue is `queues`, acting on it the agents app's.
"""

from __future__ import annotations

import json

from openclaw_site.aws.ecs.shapes import TaskInfo, task_info
from openclaw_site.aws.errors import InvalidRequest

_DETAIL_TYPE = "ECS Task State Change"


def parse_task_event(body: str) -> TaskInfo:
    """The task as the event (EventBridge's JSON) describes it; its tags are empty, events have none.

    Raises InvalidRequest when the text is no such event, which no repetition mends.
    """
    try:
        event = json.loads(body)
        if event["detail-type"] != _DETAIL_TYPE:
            raise ValueError(_DETAIL_TYPE)
        return task_info(event["detail"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidRequest(
            f"the message is no '{_DETAIL_TYPE}' event",
            operation="parse_task_event",
            next_action="Check that only the task event rule sends to this queue, then delete the message.",
        ) from None
