"""SQS: receive and delete.

Owns the two calls a consumer needs. What a message means, and when it is done with, is the
consumer's: a message not deleted comes back after the queue's visibility timeout.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from openclaw_site.aws.clients import client
from openclaw_site.aws.errors import QueueMissing
from openclaw_site.aws.translation import translated


@dataclass(frozen=True)
class Message:
    """One received message; `receipt` is what deletes this receipt of it."""

    id: str
    body: str = field(repr=False)
    receipt: str = field(repr=False)


def receive(*, queue_url: str, maximum: int = 10, wait_seconds: int = 0) -> list[Message]:
    """Up to `maximum` (1-10) messages, waiting up to `wait_seconds` (0-20) for the first; [] when none came.

    A message may be delivered twice and out of order. Raises QueueMissing, AccessDenied, Unreachable.
    """
    with translated("ReceiveMessage", missing=QueueMissing):
        answer = client("sqs").receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=maximum, WaitTimeSeconds=wait_seconds
        )
    return [
        Message(id=found["MessageId"], body=found["Body"], receipt=found["ReceiptHandle"])
        for found in answer.get("Messages", [])
    ]


def delete(*, queue_url: str, receipt: str) -> None:
    """The message behind this receipt is not delivered again. Safe to repeat. Raises QueueMissing."""
    with translated("DeleteMessage", missing=QueueMissing):
        client("sqs").delete_message(QueueUrl=queue_url, ReceiptHandle=receipt)
