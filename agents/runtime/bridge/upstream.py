"""Where the model is: Bedrock's Anthropic endpoint, or Anthropic's own. Owns authentication, time limits and words.

An answer's bytes are handed on as they come. What goes wrong is said in words of ours: an endpoint's own may repeat
the request's headers, which hold credentials.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx

from agents.runtime.egress import EgressProxy
from openclaw_site.aws.bedrock import MESSAGES_PATH, messages_endpoint, signed_headers
from openclaw_site.aws.errors import AwsError

ANTHROPIC_API: Final = "https://api.anthropic.com"
VERSION: Final = "2023-06-01"

_KEPT_ALIVE_SECONDS: Final = 30.0
_HEADERS: Final = {
    "content-type": "application/json",
    "accept": "text/event-stream, application/json",
    "accept-encoding": "identity",
    "anthropic-version": VERSION,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Seconds for a connection, and for an answer's first byte and each one after it; bytes of a whole answer."""

    connect_seconds: float = 3.0
    silence_seconds: float = 30.0
    answer_bytes: int = 32 * 1024 * 1024


class UpstreamFailed(Exception):
    """No answer, or none to its end; `detail` is safe to log and to show."""

    def __init__(self, detail: str, *, timed_out: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.timed_out = timed_out


class Answer:
    """An answer whose body has not been read yet."""

    def __init__(self, response: httpx.Response, limits: Limits) -> None:
        self.status = response.status_code
        self.is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        self.aws_error_type = _word(response.headers.get("x-amzn-errortype", "").partition(":")[0])
        self._response = response
        self._limits = limits

    def pieces(self) -> Iterator[bytes]:
        """The body, each piece as soon as it is there. UpstreamFailed: it does not go on."""
        size = 0
        with _said_in_our_words():
            for piece in self._response.iter_raw():
                size += len(piece)
                if size > self._limits.answer_bytes:
                    raise UpstreamFailed("the model's answer is too long")
                yield piece

    def read(self) -> bytes:
        """The whole body. UpstreamFailed: it has no end."""
        return b"".join(self.pieces())


class Upstream(Protocol):
    """What the bridge needs of the model's side."""

    def post(self, body: bytes) -> AbstractContextManager[Answer]:
        """Put a request; the answer is there with its first byte. UpstreamFailed: it is not."""

    def close(self) -> None:
        """Drop the connections. Safe to repeat."""


class BedrockUpstream:
    """Claude on Bedrock, by the credentials of this process; `endpoint` is an origin, AWS's own by default."""

    def __init__(
        self,
        region: str,
        endpoint: str | None = None,
        *,
        limits: Limits | None = None,
        proxy: EgressProxy | None = None,
    ) -> None:
        self._region = region
        self._line = _Line(f"{endpoint or messages_endpoint(region)}{MESSAGES_PATH}", limits or Limits(), proxy)

    @property
    def url(self) -> str:
        """Where it posts to."""
        return self._line.url

    def post(self, body: bytes) -> AbstractContextManager[Answer]:
        return self._line.post(body, self._sign)

    def close(self) -> None:
        self._line.close()

    def _sign(self, url: str, body: bytes) -> Mapping[str, str]:
        try:
            return signed_headers(url=url, body=body, headers=_HEADERS, region=self._region)
        except AwsError as error:
            raise UpstreamFailed(f"no AWS credentials to sign with ({type(error).__name__})") from None


class AnthropicUpstream:
    """Anthropic's own API, by a key."""

    def __init__(
        self,
        api_key: str,
        endpoint: str = ANTHROPIC_API,
        *,
        limits: Limits | None = None,
        proxy: EgressProxy | None = None,
    ) -> None:
        self._headers = {**_HEADERS, "x-api-key": api_key}
        self._line = _Line(f"{endpoint}/v1/messages", limits or Limits(), proxy)

    @property
    def url(self) -> str:
        """Where it posts to."""
        return self._line.url

    def post(self, body: bytes) -> AbstractContextManager[Answer]:
        return self._line.post(body, lambda url, body: self._headers)

    def close(self) -> None:
        self._line.close()


class _Line:
    """Kept-alive connections to one address."""

    def __init__(self, url: str, limits: Limits, proxy: EgressProxy | None) -> None:
        self.url = url
        self._limits = limits
        self._way = " by the egress proxy" if proxy else ""
        timeout = httpx.Timeout(limits.silence_seconds, connect=limits.connect_seconds, pool=limits.connect_seconds)
        # A proxy from the environment is for what is outside.
        is_here = urlsplit(url).scheme == "http"
        self._client = httpx.Client(
            timeout=timeout,
            trust_env=not is_here,
            verify=not is_here,
            proxy=proxy.for_httpx() if proxy else None,
            limits=httpx.Limits(keepalive_expiry=_KEPT_ALIVE_SECONDS),
        )

    @contextmanager
    def post(self, body: bytes, headers_for: Callable[[str, bytes], Mapping[str, str]]) -> Iterator[Answer]:
        headers = headers_for(self.url, body)
        request = self._client.build_request("POST", self.url, content=body, headers=dict(headers))
        with _said_in_our_words(self._way):
            response = self._client.send(request, stream=True)
        try:
            yield Answer(response, self._limits)
        finally:
            response.close()

    def close(self) -> None:
        self._client.close()


@contextmanager
def _said_in_our_words(way: str = "") -> Iterator[None]:
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout):
        raise UpstreamFailed(f"the model could not be reached in time{way}", timed_out=True) from None
    except httpx.TimeoutException:
        raise UpstreamFailed("the model fell silent", timed_out=True) from None
    except httpx.ProxyError as error:
        raise UpstreamFailed(f"the egress proxy refused ({str(error)[:60]})") from None
    except httpx.ConnectError:
        raise UpstreamFailed(f"the model could not be reached{way}") from None
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise UpstreamFailed(f"the connection to the model broke off ({type(error).__name__})") from None


def _word(text: str) -> str:
    """A name that came from outside, when it is no more than that."""
    return text if re.fullmatch(r"[A-Za-z_.]{1,64}", text) else ""
