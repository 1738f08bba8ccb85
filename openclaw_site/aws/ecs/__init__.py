"""ECS: start, stop and observe Fargate tasks.

Owns what a task is here (`shapes`), the calls (`calls`) and the reading of "ECS Task State Change"
events (`events`). Clusters and task definitions are Terraform's; when a task should run is the agents
app's decision.
"""

from openclaw_site.aws.ecs.calls import describe_tasks, list_task_arns, run_task, stop_task, task_environment
from openclaw_site.aws.ecs.events import parse_task_event
from openclaw_site.aws.ecs.shapes import TaskInfo, TaskSpec

__all__ = [
    "TaskInfo",
    "TaskSpec",
    "describe_tasks",
    "list_task_arns",
    "parse_task_event",
    "run_task",
    "stop_task",
    "task_environment",
]
