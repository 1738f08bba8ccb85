"""Turns botocore's exceptions into this package's own.

Owns which answer becomes which class of `errors`. Every AWS call of the package stands inside
`translated`, so nothing of botocore gets out, whatever the service. botocore is imported when
something went wrong, not before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from openclaw_site.aws import errors

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

MAX_TEXT_CHARACTERS: Final = 500

# Codes of the services used here; each service has its own spelling of the same few ideas.
_BY_CODE: Final[Mapping[str, type[errors.AwsError]]] = {
    code: kind
    for kind, codes in {
        errors.Throttled: "Throttling ThrottlingException ThrottledException RequestThrottled "
        "RequestThrottledException TooManyRequestsException RequestLimitExceeded SlowDown OverLimit "
        "BandwidthLimitExceeded PriorRequestNotComplete 429",
        errors.AccessDenied: "AccessDenied AccessDeniedException UnauthorizedOperation AuthorizationError "
        "AllAccessDisabled AccountProblem BlockedException OptInRequired NotAuthorized Forbidden 403",
        errors.CredentialsMissing: "ExpiredToken ExpiredTokenException InvalidClientTokenId RequestExpired "
        "UnrecognizedClientException InvalidAccessKeyId SignatureDoesNotMatch InvalidSignatureException "
        "MissingAuthenticationToken MissingAuthenticationTokenException IncompleteSignature AuthFailure "
        "TokenRefreshRequired InvalidToken RequestTimeTooSkewed",
        errors.ServiceFault: "InternalError InternalFailure InternalServerError InternalServiceError "
        "InternalServiceErrorException ServerException ServiceFailure ServiceFailureException "
        "ServiceUnavailable ServiceUnavailableException RequestTimeout RequestTimeoutException 503 "
        "ConcurrentModification ConcurrentModificationException OperationAborted DeleteConflict "
        "DeleteConflictException",
        errors.QuotaReached: "LimitExceeded LimitExceededException",
        errors.BucketMissing: "NoSuchBucket",
        errors.ClusterMissing: "ClusterNotFoundException",
        errors.QueueMissing: "AWS.SimpleQueueService.NonExistentQueue QueueDoesNotExist",
    }.items()
    for code in codes.split()
}

_MISSING_CODES: Final = frozenset(
    {"ResourceNotFoundException", "ResourceNotFound", "NoSuchEntity", "NoSuchEntityException", "NoSuchKey"}
)

# ECS and IAM say these in words only, under general codes such as ClientException.
_BY_TEXT: Final[tuple[tuple[re.Pattern[str], type[errors.AwsError]], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"unable to assume|invalid principal", errors.RoleNotReady),
        (r"rate exceeded|request limit exceeded|RequestLimitExceeded", errors.Throttled),
        (r"capacity is unavailable|reached the limit on the number of", errors.CapacityExhausted),
        (r"referenced task was not found", errors.TaskMissing),
        (r"cluster (is inactive|not found)", errors.ClusterMissing),
        (
            r"task ?definition (not found|is inactive|does not exist)|unable to describe task definition"
            r"|revision is missing",
            errors.TaskDefinitionMissing,
        ),
    )
)


@contextmanager
def translated(
    operation: str, *, missing: type[errors.AwsError] = errors.InvalidRequest, private: bool = False
) -> Iterator[None]:
    """Let no botocore exception out of the block: raise the matching AwsError instead.

    `missing` is the class for "there is no such thing". With `private` the answer's own text is
    dropped (some services repeat the value they refuse) and only its code is kept, but for a denial.
    """
    try:
        yield
    except errors.AwsError:
        raise
    except Exception as error:
        domain_error = _translate(error, operation, missing, private)
        if domain_error is None:
            raise
        if private:
            _forget(error)
        raise domain_error from None


def _translate(
    error: Exception, operation: str, missing: type[errors.AwsError], private: bool
) -> errors.AwsError | None:
    """The domain error for a botocore exception, or None for an exception that is not botocore's."""
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
    from botocore.parsers import ResponseParserError

    if isinstance(error, ClientError):
        return _from_answer(error, operation, missing, private)
    if isinstance(error, ParamValidationError):
        # Its text repeats the parameters, and among them may be a secret.
        _forget(error)
        return errors.InvalidRequest("the parameters are not well-formed, nothing was sent", operation=operation)
    if isinstance(error, ResponseParserError):
        return errors.ServiceFault("the answer is not one of AWS's", operation=operation)
    if isinstance(error, BotoCoreError):
        return _without_answer(error, operation)
    return None


def _without_answer(error: Exception, operation: str) -> errors.AwsError:
    """The domain error for a call that got no answer, or was never sent."""
    from botocore import exceptions as boto

    name = type(error).__name__
    if isinstance(error, (boto.ConnectionError, boto.HTTPClientError, boto.IncompleteReadError)):
        return errors.Unreachable(f"no answer from the endpoint ({name})", operation=operation)
    if isinstance(
        error,
        (
            boto.NoCredentialsError,
            boto.PartialCredentialsError,
            boto.CredentialRetrievalError,
            boto.NoAuthTokenError,
            boto.TokenRetrievalError,
            boto.ProfileNotFound,
        ),
    ):
        return errors.CredentialsMissing(f"no usable AWS credentials ({name})", operation=operation)
    if isinstance(error, boto.NoRegionError):
        return errors.InvalidRequest(
            "no AWS region is configured", operation=operation, next_action="Set AWS_REGION, then retry."
        )
    return errors.InvalidRequest(
        f"the AWS client refused the call ({name})",
        operation=operation,
        next_action="Check the AWS_* settings of this process, then retry.",
    )


def _from_answer(error: ClientError, operation: str, missing: type[errors.AwsError], private: bool) -> errors.AwsError:
    """The domain error for an error answer of AWS."""
    response: Mapping[str, Any] = error.response
    code = str(response.get("Error", {}).get("Code", ""))
    text = _one_line(str(response.get("Error", {}).get("Message", "")))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    kind = _kind(code, text, status, missing)
    # A denial names an identity and a permission, which a person needs, and no value.
    hidden = not text or (private and kind is not errors.AccessDenied)
    detail = code if hidden else f"{code}: {text}"
    if code == "ConflictException":
        arns = response.get("resourceIds") or [None]
        return errors.ClientTokenConflict(detail, operation=operation, code=code, task_arn=arns[0])
    return kind(detail, operation=operation, code=code)


def _one_line(text: str) -> str:
    """Fit for a person's screen: what answers in AWS's place (a proxy) may answer with a whole page."""
    return " ".join(text.split())[:MAX_TEXT_CHARACTERS]


def _kind(code: str, text: str, status: int, missing: type[errors.AwsError]) -> type[errors.AwsError]:
    by_text = next((kind for pattern, kind in _BY_TEXT if pattern.search(text)), None)
    by_code = _BY_CODE.get(code)
    # A denied call is that, whatever its text speaks of; a fault or a limit may be said better in words.
    if by_text is not None and by_code in (None, errors.ServiceFault, errors.QuotaReached):
        return by_text
    if by_code is not None:
        return by_code
    if code in _MISSING_CODES:
        return missing
    if status == 429:
        return errors.Throttled
    return errors.ServiceFault if status >= 500 else errors.InvalidRequest


def _forget(error: Exception) -> None:
    """Empty a botocore exception of what it repeats: tools that log exceptions follow their context."""
    error.args = (type(error).__name__,)
    vars(error).pop("kwargs", None)
    if isinstance(response := vars(error).get("response"), dict):
        code = response.get("Error", {}).get("Code", "")
        error.response = {"Error": {"Code": code}}  # type: ignore[attr-defined]
