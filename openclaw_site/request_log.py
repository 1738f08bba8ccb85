"""One line for each request, and no address in any line: ours hold links that open something while they are young.

A mailed password link stands in a path, Gmail's intents and the hand-over's tokens in a query. So a request is named
by the pattern that its path matched, and gunicorn's own access log, which knows addresses alone, stays off.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

UNMATCHED: Final = "-"


class RequestLogMiddleware:
    """Outermost: method, pattern, status, milliseconds and host. No value of a path, no query, no person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        response = self.get_response(request)
        milliseconds = round((time.monotonic() - begun) * 1000)
        status = response.status_code
        logger.info("%s %s %d %d ms %s", request.method, pattern_of(request), status, milliseconds, _host(request))
        return response


class PathsLeftOut(logging.Filter):
    """For handlers: where Django tells of a request by its path (“Forbidden: …”), the pattern stands instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: every line is kept."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            # Django escapes the path before it logs it.
            paths = (request.path, request.path.encode("unicode_escape").decode("ascii"))
            record.args = tuple(pattern_of(request) if one in paths else one for one in record.args)
        return True


def pattern_of(request: HttpRequest) -> str:
    """The pattern of the URL configuration that the path matched, as `/drafts/<uuid:draft_id>/`, or UNMATCHED."""
    match = request.resolver_match
    return f"/{match.route}" if match is not None else UNMATCHED


def _host(request: HttpRequest) -> str:
    try:
        return request.get_host()
    except DisallowedHost:
        return UNMATCHED
