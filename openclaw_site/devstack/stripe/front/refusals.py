"""Stripe's refusals, in its own JSON. Wording as the API answered it when this was written."""

from typing import Any

from ...emulate import Answer


class Refused(Exception):
    """The call is answered with a refusal and nothing else happens."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"Stripe refuses with {answer.status}")
        self.answer = answer


def error(status: int, message: str, *, kind: str = "invalid_request_error", **more: Any) -> Answer:
    """An error answer; `more` are the further fields that have a value (code, param)."""
    fields = {"message": message, "type": kind, **{name: value for name, value in more.items() if value is not None}}
    return Answer.of({"error": fields}, status)


def bad(message: str, *, param: str | None = None, code: str | None = None) -> Refused:
    """400: a parameter is missing or wrong."""
    return Refused(error(400, message, param=param, code=code))


def required(param: str) -> Refused:
    return bad(f"Missing required param: {param}.", param=param, code="parameter_missing")


def unknown_parameter(param: str) -> Refused:
    return bad(f"Received unknown parameter: {param}", param=param, code="parameter_unknown")


def no_such(noun: str, given: str, *, param: str = "id") -> Refused:
    """404 for an id in the path, 400 for one in a parameter."""
    status = 404 if param == "id" else 400
    return Refused(error(status, f"No such {noun}: '{given}'", param=param, code="resource_missing"))


def unrecognized(method: str, path: str) -> Answer:
    return error(404, f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs.")


def unauthenticated(given: str) -> Answer:
    if not given:
        return error(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    return error(401, f"Invalid API Key provided: {given[:8]}{'*' * 12}")


def fault(status: int) -> Answer:
    """Stripe in trouble, or the caller over its rate."""
    if status == 429:
        return error(429, "Request rate limit exceeded.", code="rate_limit")
    return error(status, "An unknown error occurred", kind="api_error")


def other_parameters(key: str) -> Answer:
    return error(
        400,
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using "
        f"a key other than '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )


def key_in_use() -> Answer:
    return error(
        409,
        "There is currently another in-progress request using this Idempotent Key.",
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )
