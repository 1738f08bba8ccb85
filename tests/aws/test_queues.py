"""Queues: what is received can be deleted, what is not comes back."""

from __future__ import annotations

from uuid import uuid4

import boto3
import pytest

from openclaw_site.aws import errors, queues


@pytest.fixture
def sqs():
    return boto3.client("sqs", "eu-central-1")


@pytest.fixture
def queue_url(sqs):
    return sqs.create_queue(QueueName=uuid4().hex, Attributes={"VisibilityTimeout": "0"})["QueueUrl"]


def test_empty_queue_gives_nothing(queue_url):
    assert queues.receive(queue_url=queue_url) == []


def test_message_comes_back_until_it_is_deleted(sqs, queue_url):
    sqs.send_message(QueueUrl=queue_url, MessageBody='{"task": 1}')
    [first] = queues.receive(queue_url=queue_url, wait_seconds=1)
    [second] = queues.receive(queue_url=queue_url)
    assert (first.id, first.body) == (second.id, '{"task": 1}')
    queues.delete(queue_url=queue_url, receipt=second.receipt)
    assert queues.receive(queue_url=queue_url) == []


def test_at_most_maximum_messages_come_at_once(sqs, queue_url):
    for number in range(5):
        sqs.send_message(QueueUrl=queue_url, MessageBody=str(number))
    assert len(queues.receive(queue_url=queue_url, maximum=3)) == 3


def test_missing_queue_is_said(queue_url):
    with pytest.raises(errors.QueueMissing) as caught:
        queues.receive(queue_url=f"{queue_url}-gone")
    assert "TASK_EVENTS_QUEUE_URL" in caught.value.next_action
    with pytest.raises(errors.QueueMissing):
        queues.delete(queue_url=f"{queue_url}-gone", receipt="x")


def test_body_is_not_shown_when_a_message_is_printed(sqs, queue_url):
    sqs.send_message(QueueUrl=queue_url, MessageBody="private")
    [message] = queues.receive(queue_url=queue_url)
    assert "private" not in repr(message)
