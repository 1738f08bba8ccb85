"""What the container's health check sees."""

import http.client
import json
import socket

import psutil
import pytest

from agents.runtime import health as health_module
from agents.runtime.health import Health, serve_health


def ask(port, path="/health"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_starting_then_ok_then_failing_then_ok_again():
    health = Health(role="scout", interval_seconds=60)
    port = serve_health(health, port=0)
    assert ask(port) == (200, {"status": "starting", "role": "scout", "last_tick_at": None, "ticks": 0})
    health.tick_ended(succeeded=True)
    status, body = ask(port)
    assert (status, body["status"], body["ticks"]) == (200, "ok", 1)
    assert body["last_tick_at"].endswith("+00:00")
    health.tick_ended(succeeded=False)
    status, body = ask(port)
    assert (status, body["status"], body["ticks"]) == (503, "failing", 2)
    health.tick_ended(succeeded=True)
    assert ask(port)[0] == 200


def test_overdue_when_no_tick_ended_in_time(monkeypatch):
    monkeypatch.setattr(health_module, "TICK_ALLOWANCE_SECONDS", -1.0)
    health = Health(role="scout", interval_seconds=0.5)
    status, body = health.answer()
    assert (status, body["status"]) == (503, "overdue")


def test_other_paths_are_not_found():
    port = serve_health(Health(role="scout", interval_seconds=60), port=0)
    assert ask(port, "/")[0] == 404


def test_listens_on_loopback_only():
    port = serve_health(Health(role="scout", interval_seconds=60), port=0)
    sockets = psutil.Process().net_connections(kind="tcp")
    listening = [own.laddr.ip for own in sockets if own.status == psutil.CONN_LISTEN and own.laddr.port == port]
    assert listening == ["127.0.0.1"]


def test_taken_port_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):
        serve_health(Health(role="scout", interval_seconds=60), port=taken.getsockname()[1])
