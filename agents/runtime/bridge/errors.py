"""How the bridge says no, in the form of Anthropic's errors. Owns statuses and words that the engine gets."""

import json
from dataclasses import dataclass

from agents.runtime.bridge.upstream import Answer, UpstreamFailed


@dataclass(kw_only=True, eq=False)
class Refused(Exception):
    """A request that gets no answer of the model.

    `kind` is what it counts as in `ModelBridge.refusals`; `may_retry` says whether the same request may succeed a
    moment later; `detail` is safe to log.
    """

    status: int
    type: str
    message: str
    kind: str
    detail: str
    may_retry: bool = False

    def body(self) -> bytes:
        """The error as the Messages API's clients read it."""
        return json.dumps({"type": "error", "error": {"type": self.type, "message": self.message}}).encode()

    def event(self) -> bytes:
        """The same for a stream that has begun; what came before it may be half an event."""
        return b"\n\nevent: error\ndata: " + self.body() + b"\n\n"


def wrong_address() -> Refused:
    return Refused(
        status=404, type="not_found_error", message="Only POST /v1/messages is here.", kind="request", detail="path"
    )


def wrong_token() -> Refused:
    return Refused(
        status=401, type="authentication_error", message="The token is not this bridge's.", kind="token", detail="token"
    )


def bad_request(message: str, *, status: int = 400) -> Refused:
    kind = "request_too_large" if status == 413 else "invalid_request_error"
    return Refused(status=status, type=kind, message=message, kind="request", detail=message)


def budget_spent() -> Refused:
    message = "The budget for the model is spent: no further call is made. End the work here."
    return Refused(status=429, type="rate_limit_error", message=message, kind="budget", detail="budget spent")


def looping(detail: str) -> Refused:
    message = f"The agent was stopped because {detail} in one run. End the work here."
    return Refused(status=429, type="rate_limit_error", message=message, kind="loop", detail=detail)


def not_answered(failure: UpstreamFailed) -> Refused:
    """The model gave no answer, or broke it off."""
    return Refused(
        status=504 if failure.timed_out else 502,
        type="timeout_error" if failure.timed_out else "api_error",
        message=f"The model gave no answer: {failure.detail}.",
        kind="upstream",
        detail=failure.detail,
        may_retry=not failure.timed_out,
    )


def unreadable() -> Refused:
    return not_answered(UpstreamFailed("its answer is not one of the Messages API"))


def broken_off() -> Refused:
    return not_answered(UpstreamFailed("its answer ended with an error"))


def turned_down(answer: Answer) -> Refused:
    """The model answered with an error. Its own words stay out: they may repeat what was sent."""
    type_, message = _WORDS.get(answer.status, _WORDS[500 if answer.status >= 500 else 400])
    named = f" {answer.aws_error_type}" if answer.aws_error_type else ""
    return Refused(
        status=answer.status if answer.status in _WORDS or answer.status >= 500 else 400,
        type=type_,
        message=message,
        kind="upstream",
        detail=f"HTTP {answer.status}{named}",
        may_retry=answer.status in (408, 429) or answer.status >= 500,
    )


_WORDS = {
    400: ("invalid_request_error", "The model refused the request as not valid."),
    401: ("authentication_error", "The model does not accept our credentials."),
    403: ("permission_error", "We may not use this model: check the model's access and the role's permissions."),
    404: ("not_found_error", "There is no such model at this endpoint: check MODEL_ID and the region."),
    413: ("request_too_large", "The request is too large for the model."),
    429: ("rate_limit_error", "The model's rate limit is reached."),
    500: ("api_error", "The model failed."),
    529: ("overloaded_error", "The model is overloaded."),
}
