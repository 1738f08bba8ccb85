"""The program as a process, and the same supervisor in a thread, where its start costs nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from agents.runtime.equipment import read_environment
from agents.runtime.logging import RuntimeLog
from agents.runtime.signals import Inbox, Notice
from agents.runtime.supervisor import supervise

ROOT = Path(__file__).resolve().parents[2]


class _Agent:
    """An agent whose log lines are read as they come."""

    def __init__(self):
        self.lines: list[str] = []
        self._changed = threading.Condition()

    def _add(self, line):
        with self._changed:
            self.lines.append(line)
            self._changed.notify_all()

    @property
    def text(self):
        return "".join(self.lines)

    def events(self, name):
        return [record for record in map(json.loads, list(self.lines)) if record["event"] == name]

    def wait_for(self, event, *, count=1, timeout=20):
        """The last of `count` records of that event."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.events(event)) >= count, timeout)
        assert arrived, f"no {event} in:\n{self.text}"
        return self.events(event)[count - 1]

    def health(self):
        port = self.wait_for("started")["health_port"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/health")
            response = connection.getresponse()
            return response.status, json.loads(response.read())


class Agent(_Agent):
    """`python -m agents.runtime` in a process of its own."""

    def __init__(self, environ):
        super().__init__()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agents.runtime"],
            env=environ,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._add(line)

    def wait(self, timeout=40):
        """The exit code; all output is in `lines` then."""
        code = self.process.wait(timeout)
        self._reader.join(5)
        return code

    def ask_to_stop(self):
        self.process.send_signal(signal.SIGTERM)

    def terminate(self):
        """Sends SIGTERM; exit code and seconds until the process was gone."""
        started = time.monotonic()
        self.ask_to_stop()
        code = self.wait()
        return code, time.monotonic() - started

    def close(self):
        self.process.kill()
        self.process.wait(10)
        self._reader.join(5)
        self.process.stdout.close()


class LocalAgent(_Agent):
    """The supervisor from configuration to exit status in a thread of the tests' process.

    Only the program's own last line, its signal handlers and its end as a process are left out. `settings` are
    fields of the configuration, for values that a task's environment cannot have.
    """

    def __init__(self, environ, **settings):
        super().__init__()
        self._inbox = Inbox()
        config, self._equipment = read_environment(environ)
        self._config = dataclasses.replace(config, **settings)
        self._code = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        log = RuntimeLog(role=self._config.agent_role, tenant=self._config.tenant_id, write=self._add)
        self._code = supervise(self._config, self._equipment, inbox=self._inbox, log=log)

    def wait(self, timeout=40):
        """The exit status."""
        self._thread.join(timeout)
        assert not self._thread.is_alive(), f"still running:\n{self.text}"
        return self._code

    def ask_to_stop(self):
        self._inbox.put(Notice.STOP)

    def close(self):
        self.ask_to_stop()
        self.wait()
