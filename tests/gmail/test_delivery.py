"""The token's way: encrypted in the outbox, ids in the broker, once in Secrets Manager, erased."""

import logging
import os
import threading
from datetime import timedelta
from typing import Any

import pytest
import redis
from cryptography.fernet import Fernet
from django.db import connections
from django.utils import timezone

from openclaw_site.aws import clients, secrets
from openclaw_site.aws.errors import SecretMissing
from openclaw_site.devstack.google import Google
from tenants.gmail.crypto import TokenUnreadable, decrypt
from tenants.gmail.services import token_deliver
from tenants.gmail.tasks import token_deliver as token_deliver_task
from tenants.gmail.tasks import tokens_sweep
from tenants.isolation.context import enter_platform
from tenants.models import Customer, GmailState, TokenOutbox
from tests.gmail.visit import connected, connection_of, outbox_rows


def redis_contents() -> str:
    """Everything that the broker holds, as one text."""
    with redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True) as broker:
        texts = []
        for key in broker.scan_iter():
            kind = broker.type(key)
            read: Any = {"list": lambda k: broker.lrange(k, 0, -1), "hash": broker.hgetall, "string": broker.get}
            texts.append(f"{key} {read[kind](key) if kind in read else ''}")
    return "\n".join(texts)


def deliver(customer: Customer) -> bool:
    with enter_platform():
        return token_deliver(customer_id=customer.id)


def test_token_waits_encrypted_and_neither_broker_nor_log_sees_it(
    customer: Customer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert connected(customer) == "connected"
    [row] = outbox_rows()
    secret = decrypt(bytes(row.ciphertext))
    assert connection_of(customer).state == GmailState.STORING
    assert secret["refresh_token"].encode() not in bytes(row.ciphertext)

    assert deliver(customer) is True
    contents = redis_contents()
    assert str(customer.id) in _decoded(contents)
    for value in (secret["refresh_token"], settings.GOOGLE_CLIENT_SECRET, bytes(row.ciphertext).decode()):
        assert value not in _decoded(contents)
        # botocore and urllib3 print what they send only below the level that the product runs at.
        ours = [r for r in caplog.records if r.levelno > logging.DEBUG or r.name.startswith(("tenants", "openclaw"))]
        assert value not in "\n".join(record.getMessage() for record in ours)


def _decoded(text: str) -> str:
    """Celery's messages carry their arguments in base64."""
    import base64
    import re

    found = [text]
    for chunk in re.findall(r"[A-Za-z0-9+/=]{24,}", text):
        found.append(base64.b64decode(chunk + "===", validate=False).decode(errors="replace"))
    return "\n".join(found)


def test_delivery_run_twice_leaves_one_secret_and_an_empty_outbox(customer: Customer) -> None:
    connected(customer)
    assert (deliver(customer), deliver(customer)) == (True, False)
    assert outbox_rows() == []
    assert connection_of(customer).state == GmailState.CONNECTED
    assert secrets.get_secret(name=customer.secret_name)["refresh_token"]


def test_delivery_by_several_workers_at_once(customer: Customer) -> None:
    connected(customer)
    start = threading.Barrier(4)
    results: list[bool] = []

    def work() -> None:
        start.wait()
        try:
            results.append(deliver(customer))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count(True) == 1
    assert outbox_rows() == []
    assert connection_of(customer).state == GmailState.CONNECTED


@pytest.mark.usefixtures("eager")
def test_delivery_that_failed_at_aws_is_made_good_by_the_sweep(
    customer: Customer, aws_away: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert connected(customer) == "connected", "the person at the page has nothing to do with it"
    [row] = outbox_rows()
    token = decrypt(bytes(row.ciphertext))["refresh_token"]
    assert row.attempts == 1
    assert row.error
    connection = connection_of(customer)
    assert connection.state == GmailState.STORING
    assert connection.next_action
    assert token not in row.error + connection.error + caplog.text

    aws_away.undo()
    clients.reset_clients()
    tokens_sweep()
    assert len(outbox_rows()) == 1, "a token this young is left to its own task"
    with enter_platform():
        TokenOutbox.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    tokens_sweep()
    assert outbox_rows() == []
    connection = connection_of(customer)
    assert (connection.state, connection.error) == (GmailState.CONNECTED, "")
    assert secrets.get_secret(name=customer.secret_name)["refresh_token"] == token


@pytest.mark.usefixtures("eager")
def test_token_of_a_customer_that_leaves_meanwhile_is_revoked_not_stored(
    customer: Customer, google: Google, aws_away: pytest.MonkeyPatch
) -> None:
    connected(customer)
    aws_away.undo()
    clients.reset_clients()
    with enter_platform():
        Customer.objects.update(state="offboarding")
    token_deliver_task(str(customer.id))
    assert outbox_rows() == []
    assert secrets.find_secret(name=customer.secret_name) is None
    assert google.withdraw(customer.email) == 0


def test_newer_consent_replaces_a_waiting_token(customer: Customer) -> None:
    connected(customer)
    [first] = outbox_rows()
    connected(customer)
    [second] = outbox_rows()
    assert bytes(first.ciphertext) != bytes(second.ciphertext)
    deliver(customer)
    newest = decrypt(bytes(second.ciphertext))["refresh_token"]
    assert secrets.get_secret(name=customer.secret_name)["refresh_token"] == newest


def test_consent_after_a_deletion_restores_the_secret(customer: Customer) -> None:
    connected(customer)
    deliver(customer)
    secrets.delete_secret(name=customer.secret_name)
    with pytest.raises(SecretMissing):
        secrets.get_secret(name=customer.secret_name)
    connected(customer)
    deliver(customer)
    assert secrets.get_secret(name=customer.secret_name)["refresh_token"]


def test_key_can_be_rotated_while_a_token_waits(customer: Customer, settings: Any) -> None:
    connected(customer)
    settings.FIELD_KEY = f"{Fernet.generate_key().decode()}, {settings.FIELD_KEY}"
    assert deliver(customer) is True


@pytest.mark.usefixtures("eager")
def test_token_under_a_lost_key_waits_and_says_so(customer: Customer, settings: Any) -> None:
    from openclaw_site.celery import app

    app.conf.task_always_eager = False
    connected(customer)
    former, settings.FIELD_KEY = settings.FIELD_KEY, Fernet.generate_key().decode()
    with pytest.raises(TokenUnreadable):
        deliver(customer)
    token_deliver_task(str(customer.id))
    assert "FIELD_KEY" in connection_of(customer).next_action
    settings.FIELD_KEY = former
    assert deliver(customer) is True
