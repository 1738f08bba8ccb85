"""The cache's log-in by IAM: the token's form, and that each new connection asks for a fresh one."""

import hashlib
import hmac
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis
from django.core.cache.backends.redis import RedisCache
from kombu import Connection
from kombu.exceptions import OperationalError

from openclaw_site import cache_login
from openclaw_site.aws.cache import login_token
from openclaw_site.aws.clients import reset_clients
from openclaw_site.cache_login import IamLogin
from tests.faults.workers import ROOT


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
    assert query["X-Amz-Signature"] == [signature(parts.netloc, parts.query, secret_key="testing")]


def test_a_role_s_token_carries_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session+of/the=task")
    reset_clients()
    token = login_token(cache_name="openclaw-dev", user="backoffice", region="eu-central-1")
    query = urlsplit(f"http://{token}").query
    assert parse_qs(query)["X-Amz-Security-Token"] == ["session+of/the=task"]
    assert parse_qs(query)["X-Amz-Signature"] == [signature("openclaw-dev", query, secret_key="testing")]


def signature(host: str, query: str, *, secret_key: str) -> str:
    """Signature Version 4 of a presigned GET, by the steps of the IAM user guide, "Create a signed AWS API request"."""
    said = parse_qs(query)
    signed = sorted(part for part in query.split("&") if not part.startswith("X-Amz-Signature="))
    request = f"GET\n/\n{'&'.join(signed)}\nhost:{host}\n\nhost\n{hashlib.sha256(b'').hexdigest()}"
    scope = said["X-Amz-Credential"][0].partition("/")[2]
    to_sign = f"AWS4-HMAC-SHA256\n{said['X-Amz-Date'][0]}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def test_a_client_of_ours_asks_at_each_connection(tokens: list[str]) -> None:
    for _ in range(2):
        with cache_login.connect() as client:
            assert client.execute_command("ACL", "WHOAMI") == b"backoffice"
    assert len(tokens) == 2


def test_djangos_cache_asks_again_when_its_connection_was_ended(tokens: list[str], settings: Any) -> None:
    made = cache_login.django_cache(settings.REDIS_URL, settings.REDIS_CACHE_NAME)
    cache = RedisCache(made["LOCATION"], {"OPTIONS": made["OPTIONS"]})
    cache.set("seen", "yes", 5)
    assert (cache.get("seen"), len(tokens)) == ("yes", 1)
    end_connections()
    assert (cache.get("seen"), len(tokens)) == ("yes", 2)


def test_celerys_broker_asks_at_each_connection(tokens: list[str], settings: Any) -> None:
    url = cache_login.broker_url(settings.REDIS_URL, settings.REDIS_CACHE_NAME)
    assert "backoffice@" not in url
    for number in (1, 2):
        with Connection(url) as broker:
            asked = len(tokens)
            queue = broker.SimpleQueue("login-test")
            queue.put({"number": number})
            message = queue.get(timeout=5)
            message.ack()
            queue.close()
        assert message.payload == {"number": number}
        assert len(tokens) > asked


def test_celerys_worker_goes_on_with_a_new_token(tokens: list[str], settings: Any) -> None:
    """What ElastiCache does to each connection after twelve hours."""
    url = cache_login.broker_url(settings.REDIS_URL, settings.REDIS_CACHE_NAME)
    with Connection(url) as broker:
        queue = broker.SimpleQueue("login-test")
        queue.put("before")
        end_connections()
        asked = len(tokens)
        broker.ensure(broker, lambda: queue.put("after"), max_retries=3)()
        assert len(tokens) > asked
        queue.queue.purge()
        queue.close()


def end_connections() -> None:
    """End every connection of the user, as ElastiCache does."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as admin:
        assert int(admin.execute_command("CLIENT", "KILL", "USER", "backoffice")) > 0


def test_without_credentials_the_cache_is_out_of_reach(settings: Any, without_credentials: None) -> None:
    settings.REDIS_URL = settings.REDIS_URL.replace("redis://", "redis://backoffice@")
    settings.REDIS_CACHE_NAME = "openclaw-dev"
    with cache_login.connect() as client, pytest.raises(redis.exceptions.ConnectionError, match="No login token"):
        client.ping()
    broker = Connection(cache_login.broker_url(settings.REDIS_URL, settings.REDIS_CACHE_NAME))
    with pytest.raises(OperationalError):
        broker.ensure_connection(max_retries=1, reraise_as_library_errors=True, interval_start=0, interval_step=0)


@pytest.mark.parametrize("cache_name", ["", "openclaw-dev"])
def test_the_broker_s_certificate_is_looked_at(cache_name: str) -> None:
    with Connection(cache_login.broker_url("rediss://backoffice@cache.example:6379/0", cache_name)) as broker:
        assert broker.ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED}


def test_without_a_cache_name_the_url_is_used_as_it_is() -> None:
    url = "redis://:secret@127.0.0.1:6379/0"
    assert cache_login.broker_url(url, "") == url
    assert cache_login.django_cache(url, "") == {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
    }


def test_the_provider_names_the_urls_user(tokens: list[str]) -> None:
    assert IamLogin().get_credentials() == ("backoffice", "token-0-of-backoffice-for-openclaw-dev")


REFUSED = {
    "redis://backoffice:secret@cache.example:6379/0": "its password would be sent in plain",
    "redis://backoffice@cache.example:6379/0": "its password would be sent in plain",
    "redis://cache.example:6379/0": "log-in by IAM needs TLS",
}


@pytest.mark.parametrize("url", [*REFUSED, "rediss://backoffice@cache.example:6379/0"])
def test_production_sends_no_password_in_plain(url: str) -> None:
    environment = {**os.environ, "REDIS_URL": url, "REDIS_CACHE_NAME": "openclaw-production"}
    command = [sys.executable, "-W", "ignore", "-c", "import openclaw_site.settings.production"]
    said = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True).stderr
    assert "Production refuses to start" in said, "for other reasons: it has the embedded world's environment"
    about_redis = [why for why in said.split("; ") if "REDIS_URL" in why]
    assert [REFUSED[url] in why for why in about_redis][:1] == ([True] if url in REFUSED else [])
