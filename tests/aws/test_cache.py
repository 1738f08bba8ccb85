"""The cache's log-in by IAM: the token's form, and that each new connection asks for a fresh one."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis
from django.core.cache.backends.redis import RedisCache
from kombu import Connection

from openclaw_site import cache_login
from openclaw_site.aws.cache import login_token
from openclaw_site.cache_login import IamLogin


@pytest.fixture
def tokens(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A Redis whose user has, as in ElastiCache, only the password of the moment; the passwords that were asked for."""
    admin = redis.Redis.from_url(settings.REDIS_URL)
    asked: list[str] = []

    def token(*, cache_name: str, user: str, region: str) -> str:
        asked.append(f"token-{len(asked)}-of-{user}-for-{cache_name}")
        admin.execute_command("ACL", "SETUSER", user, "reset", "on", f">{asked[-1]}", "~*", "&*", "+@all")
        return asked[-1]

    monkeypatch.setattr(cache_login, "login_token", token)
    settings.REDIS_URL = settings.REDIS_URL.replace("redis://", "redis://backoffice@")
    settings.REDIS_CACHE_NAME = "openclaw-dev"
    yield asked
    admin.execute_command("ACL", "DELUSER", "backoffice")
    admin.close()


def test_a_token_is_a_signed_address_without_its_scheme() -> None:
    token = login_token(cache_name="openclaw-dev", user="openclaw-dev-backoffice", region="eu-central-1")
    parts = urlsplit(f"http://{token}")
    query = parse_qs(parts.query)
    assert (parts.netloc, parts.path) == ("openclaw-dev", "/")
    assert (query["Action"], query["User"], query["X-Amz-Expires"]) == (
        ["connect"],
        ["openclaw-dev-backoffice"],
        ["900"],
    )
    assert query["X-Amz-Credential"][0].endswith("/eu-central-1/elasticache/aws4_request")
    assert "X-Amz-Signature" in query


def test_a_client_of_ours_asks_at_each_connection(tokens: list[str]) -> None:
    for _ in range(2):
        with cache_login.connect() as client:
            assert client.execute_command("ACL", "WHOAMI") == b"backoffice"
    assert len(tokens) == 2


def test_djangos_cache_logs_in_with_it(tokens: list[str], settings: Any) -> None:
    made = cache_login.django_cache(settings.REDIS_URL, settings.REDIS_CACHE_NAME)
    cache = RedisCache(made["LOCATION"], {"OPTIONS": made["OPTIONS"]})
    cache.set("seen", "yes", 5)
    assert cache.get("seen") == "yes"
    assert len(tokens) == 1


def test_celerys_broker_logs_in_with_it(tokens: list[str], settings: Any) -> None:
    url = cache_login.broker_url(settings.REDIS_URL, settings.REDIS_CACHE_NAME)
    with Connection(url) as broker:
        queue = broker.SimpleQueue("login-test")
        queue.put({"said": "hello"})
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
    assert message.payload == {"said": "hello"}
    assert tokens
    assert "backoffice@" not in url


def test_without_a_cache_name_the_url_is_used_as_it_is() -> None:
    url = "redis://:secret@127.0.0.1:6379/0"
    assert cache_login.broker_url(url, "") == url
    assert cache_login.django_cache(url, "") == {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
    }


def test_the_provider_names_the_urls_user(tokens: list[str]) -> None:
    assert IamLogin().get_credentials() == ("backoffice", "token-0-of-backoffice-for-openclaw-dev")
