"""A small Fargate: tasks started through the ECS API run as local processes.

What a caller of ECS, a reader of the task events, of the logs or of the container's environment sees is what AWS
would show it. Where it differs:

- The image is not pulled; the container's command runs with this interpreter first on PATH, in the project's
  folder, as our own user. No file system, network or CPU limit applies; memory is watched and enforced.
- One container a task runs: the first essential one. Others are listed, never started.
- Provisioning takes a tenth of a second, not half a minute, and at most `max_running` tasks run at once; the
  rest wait in PROVISIONING, as when capacity is short.
- Credentials come from AWS_CONTAINER_CREDENTIALS_FULL_URI on loopback, where Fargate gives a relative one on
  169.254.170.2. Behind it is the same AssumeRole by the ECS agent.
- Between RUNNING and STOPPED only DEPROVISIONING is shown (not DEACTIVATING and STOPPING).
- IAM is not enforced, service scheduling (CreateService) and ECS Exec are moto's own.
"""

from .fargate import Fargate

__all__ = ["Fargate"]
