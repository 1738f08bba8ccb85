"""Clients: cheap to import, shared by threads, quick to give up, silent about bodies."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from openclaw_site.aws import ecs, errors, identity
from openclaw_site.aws.clients import client, reset_clients
from tests.aws.faults import closed_port

_IMPORT_ALL = """
import sys
from openclaw_site.aws import clients, database, ecs, errors, iam, identity, logs, queues, secrets, storage
print([name for name in ("boto3", "botocore", "django") if name in sys.modules])
"""


def test_importing_every_module_loads_neither_boto3_nor_django():
    loaded = subprocess.run([sys.executable, "-c", _IMPORT_ALL], capture_output=True, text=True, check=True)
    assert loaded.stdout == "[]\n"


def test_threads_share_one_client_a_service():
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client("sqs"), range(32)))
    assert {id(each) for each in found} == {id(client("sqs"))}


def test_forked_child_makes_its_own_clients():
    parents = id(client("sts"))
    child = os.fork()
    if child == 0:
        os._exit(0 if id(client("sts")) != parents else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_calls_are_tried_three_times_with_short_timeouts():
    config = client("ecs").meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 10)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}


def test_an_empty_queue_is_waited_for_longer_than_twenty_seconds():
    assert client("sqs").meta.config.read_timeout == 30


def test_region_is_read_from_either_variable(monkeypatch):
    assert client("ecs").meta.region_name == "eu-central-1"
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    reset_clients()
    assert client("ecs").meta.region_name == "us-west-2"


def test_missing_region_says_what_to_set(monkeypatch):
    monkeypatch.delenv("AWS_REGION")
    reset_clients()
    with pytest.raises(errors.InvalidRequest) as caught:
        ecs.list_task_arns(cluster="any", status="RUNNING")
    assert caught.value.next_action == "Set AWS_REGION, then retry."


def test_malformed_endpoint_says_what_to_correct(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "not a url")
    reset_clients()
    with pytest.raises(errors.InvalidRequest) as caught:
        identity.caller_identity()
    assert "AWS_ENDPOINT_URL" in caught.value.next_action


def test_unreachable_endpoint_is_unreachable_and_retryable(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port()}")
    reset_clients()
    with pytest.raises(errors.Unreachable) as caught:
        identity.caller_identity()
    assert caught.value.retryable
    assert caught.value.operation == "GetCallerIdentity"


def test_missing_credentials_are_a_persons_matter(monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    reset_clients()
    with pytest.raises(errors.CredentialsMissing) as caught:
        ecs.list_task_arns(cluster="any", status="RUNNING")
    assert not caught.value.retryable
    assert "task role" in caught.value.next_action
