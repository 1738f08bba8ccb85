"""Google's refusals, in its own JSON. Wording as the APIs answered it when this was written."""

from ...emulate.backend import Answer

UNAUTHENTICATED = Answer.of(
    {
        "error": {
            "code": 401,
            "message": "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
            "cookie or other valid authentication credential.",
            "errors": [
                {
                    "message": "Invalid Credentials",
                    "domain": "global",
                    "reason": "authError",
                    "location": "Authorization",
                    "locationType": "header",
                }
            ],
            "status": "UNAUTHENTICATED",
        }
    },
    401,
)

INSUFFICIENT_SCOPES = Answer.of(
    {
        "error": {
            "code": 403,
            "message": "Request had insufficient authentication scopes.",
            "errors": [
                {
                    "message": "Insufficient Permission",
                    "domain": "global",
                    "reason": "insufficientPermissions",
                }
            ],
            "status": "PERMISSION_DENIED",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                    "domain": "googleapis.com",
                }
            ],
        }
    },
    403,
)

INVALID_GRANT = Answer.of({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)
INVALID_CODE = Answer.of({"error": "invalid_grant", "error_description": "Malformed auth code."}, 400)
REDIRECT_MISMATCH = Answer.of({"error": "redirect_uri_mismatch", "error_description": "Bad Request"}, 400)
INVALID_TOKEN = Answer.of({"error": "invalid_token", "error_description": "Token expired or revoked"}, 400)


def _refusal(code: int, message: str, *, reason: str, status: str) -> Answer:
    error = {"message": message, "domain": "global", "reason": reason}
    return Answer.of({"error": {"code": code, "message": message, "errors": [error], "status": status}}, code)


NOT_FOUND = _refusal(404, "Requested entity was not found.", reason="notFound", status="NOT_FOUND")
BAD_HISTORY_ID = _refusal(
    400, "Invalid value at 'start_history_id' (TYPE_UINT64)", reason="invalid", status="INVALID_ARGUMENT"
)
BAD_HISTORY_TYPE = _refusal(400, "Invalid value at 'history_types'", reason="invalid", status="INVALID_ARGUMENT")

_STATUS_NAMES = {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}
_REASONS = {429: "rateLimitExceeded", 500: "backendError", 503: "backendError"}


def fault(status: int) -> Answer:
    """Gmail in trouble, or the caller over its quota."""
    message = "User-rate limit exceeded." if status == 429 else "Backend Error"
    error = {"message": message, "domain": "global", "reason": _REASONS.get(status, "backendError")}
    name = _STATUS_NAMES.get(status, "UNAVAILABLE")
    return Answer.of({"error": {"code": status, "message": message, "errors": [error], "status": name}}, status)
