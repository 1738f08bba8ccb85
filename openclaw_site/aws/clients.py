"""boto3 clients: one a service and process, made at the first use.

Owns the time limits, the retries and the region; credentials and endpoint come from boto3's own
environment variables and chain. What is called with a client stands in the service's module.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any, Final, Literal, overload

from openclaw_site.aws.errors import CredentialsMissing, InvalidRequest
from openclaw_site.aws.translation import translated

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials
    from types_boto3_ce import CostExplorerClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_ec2 import EC2Client
    from types_boto3_ecs import ECSClient
    from types_boto3_iam import IAMClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_rds import RDSClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_service_quotas import ServiceQuotasClient
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sqs import SQSClient
    from types_boto3_sts import STSClient

CONNECT_TIMEOUT_SECONDS: Final = 3
READ_TIMEOUT_SECONDS: Final = 10
# ReceiveMessage holds its answer back for up to 20 seconds when the queue is empty.
QUEUE_READ_TIMEOUT_SECONDS: Final = 30
MAX_ATTEMPTS: Final = 3

_lock = threading.Lock()
_clients: dict[str, Any] = {}
_session: Any = None


@overload
def client(service: Literal["ce"]) -> CostExplorerClient: ...
@overload
def client(service: Literal["cloudwatch"]) -> CloudWatchClient: ...
@overload
def client(service: Literal["ec2"]) -> EC2Client: ...
@overload
def client(service: Literal["ecs"]) -> ECSClient: ...
@overload
def client(service: Literal["iam"]) -> IAMClient: ...
@overload
def client(service: Literal["logs"]) -> CloudWatchLogsClient: ...
@overload
def client(service: Literal["rds"]) -> RDSClient: ...
@overload
def client(service: Literal["s3"]) -> S3Client: ...
@overload
def client(service: Literal["secretsmanager"]) -> SecretsManagerClient: ...
@overload
def client(service: Literal["service-quotas"]) -> ServiceQuotasClient: ...
@overload
def client(service: Literal["sesv2"]) -> SESV2Client: ...
@overload
def client(service: Literal["sqs"]) -> SQSClient: ...
@overload
def client(service: Literal["sts"]) -> STSClient: ...
def client(service: str) -> Any:
    """The process's client of a service, shared by its threads (clients are thread-safe, sessions are not).

    Raises InvalidRequest when region or endpoint are not usable; touches no network but where the
    credentials chain does.
    """
    found = _clients.get(service)
    if found is not None:
        return found
    with _lock:
        if service not in _clients:
            _clients[service] = _make(service)
        return _clients[service]


def credentials() -> ReadOnlyCredentials:
    """The credentials of now, fetched anew when they expire soon. They are secrets: use them and drop them.

    Raises CredentialsMissing when the process has none.
    """
    with _lock, translated("GetCredentials", private=True):
        found = _the_session().get_credentials()
    if found is None:
        raise CredentialsMissing("no usable AWS credentials", operation="GetCredentials")
    with translated("GetCredentials", private=True):
        frozen: ReadOnlyCredentials = found.get_frozen_credentials()
    return frozen


def reset_clients() -> None:
    """Forget all clients, so that the next use reads the environment anew. Safe to repeat."""
    global _session
    with _lock:
        _clients.clear()
        _session = None


def _make(service: str) -> Any:
    from botocore.config import Config

    _keep_bodies_out_of_logs()
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=QUEUE_READ_TIMEOUT_SECONDS if service == "sqs" else READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
        # Signed addresses of objects under a KMS key hold with version 4 alone.
        signature_version="s3v4" if service == "s3" else None,
    )
    with translated(f"client for {service}"):
        try:
            return _the_session().client(service, config=config)
        except ValueError as error:
            raise InvalidRequest(
                "the AWS endpoint or region is not well-formed",
                operation=f"client for {service}",
                next_action="Correct AWS_ENDPOINT_URL and AWS_REGION, then retry.",
            ) from error


def _the_session() -> Any:
    """The process's one session, made at the first use. Call it with the lock held."""
    global _session
    import boto3

    if _session is None:
        # boto3 knows AWS_DEFAULT_REGION only, a Fargate task is sure to have AWS_REGION.
        _session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    return _session


def _keep_bodies_out_of_logs() -> None:
    """Hold the AWS libraries at INFO: at DEBUG they write whole requests and answers, secrets included."""
    for name in ("boto3", "botocore", "urllib3"):
        logger = logging.getLogger(name)
        if logger.getEffectiveLevel() < logging.INFO:
            logger.setLevel(logging.INFO)


def _forget_after_fork() -> None:
    """A child must not talk on its parent's connections, nor wait for a lock that nobody there holds."""
    global _lock, _session
    _lock = threading.Lock()
    _clients.clear()
    _session = None


os.register_at_fork(after_in_child=_forget_after_fork)
