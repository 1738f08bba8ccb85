"""Which ECS task this process runs in, asked from the container's metadata address.

Owns that one question. A process started outside ECS has no such address and no task.
"""

import json
from http.client import HTTPException
from urllib.request import ProxyHandler, build_opener

TIMEOUT_SECONDS = 2.0


def task_arn(metadata_uri: str) -> str | None:
    """The task's ARN, or None outside ECS or when the metadata address does not answer in two seconds.

    Source: ECS task metadata endpoint version 4, `${ECS_CONTAINER_METADATA_URI_V4}/task`, key `TaskARN`.
    """
    if not metadata_uri.startswith("http://"):
        return None
    # A link-local address: never through the egress proxy.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"{metadata_uri}/task", timeout=TIMEOUT_SECONDS) as response:
            found = json.load(response).get("TaskARN")
    except (OSError, HTTPException, ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None
