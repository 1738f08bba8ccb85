"""How a connection to Redis logs in: with the password of REDIS_URL, or by IAM where REDIS_CACHE_NAME is set.

Owns the provider that redis-py asks at each new connection, and the forms in which Django's cache, Celery's broker and
a client of our own are given it, so that no long-lived password of the cache exists.
"""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from django.conf import settings
from redis import Redis
from redis.credentials import CredentialProvider
from redis.exceptions import ConnectionError as RedisConnectionError

from openclaw_site.aws.cache import login_token
from openclaw_site.aws.errors import AwsError


class IamLogin(CredentialProvider):
    """The user of REDIS_URL with a token for REDIS_CACHE_NAME, made anew for each connection."""

    def get_credentials(self) -> tuple[str, str]:
        """Name and password. Raises redis.ConnectionError when AWS gives none: to its users a cache out of reach."""
        user = unquote(urlsplit(settings.REDIS_URL).username or "")
        try:
            return user, login_token(cache_name=settings.REDIS_CACHE_NAME, user=user, region=settings.AWS_REGION)
        except AwsError as error:
            raise RedisConnectionError(f"No login token for {user}: {error}") from error


def django_cache(url: str, cache_name: str) -> dict[str, Any]:
    """Django's default cache, for the settings."""
    backend = {"BACKEND": "django.core.cache.backends.redis.RedisCache"}
    if not cache_name:
        return {**backend, "LOCATION": url}
    return {**backend, "LOCATION": _without_user(url), "OPTIONS": {"credential_provider": IamLogin()}}


def broker_url(url: str, cache_name: str) -> str:
    """Celery's broker, which takes the provider by its name. Of `rediss://` the certificate is looked at, as elsewhere:
    kombu would take any unless told so.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "rediss":
        query = {"ssl_cert_reqs": "required", **query}
    if cache_name:
        query["credential_provider"] = f"{IamLogin.__module__}.{IamLogin.__qualname__}"
        url = _without_user(url)
    return urlunsplit(urlsplit(url)._replace(query=urlencode(query)))


def connect(*, timeout_seconds: float = 5) -> Redis:
    """A client of the same Redis. Close it after use. The first command connects, and may then raise RedisError."""
    url, cache_name = settings.REDIS_URL, settings.REDIS_CACHE_NAME
    login: dict[str, Any] = {"credential_provider": IamLogin()} if cache_name else {}
    return Redis.from_url(
        _without_user(url) if cache_name else url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        **login,
    )


def _without_user(url: str) -> str:
    # redis-py refuses a name beside a provider.
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
