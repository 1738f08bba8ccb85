"""A page as a member reads it."""

import re

from django.test import Client


def text_of(client: Client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200, path
    return str(reply.content.decode())


def words_of(client: Client, path: str) -> str:
    """What a person reads, in one line."""
    body = text_of(client, path).split("<body", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
