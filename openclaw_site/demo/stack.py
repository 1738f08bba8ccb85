"""The whole product on one machine: the embedded world, and on it web, worker, provisioner and beat.

Each process gets the environment it would get in production: only the provisioner holds the owner's login.
"""

import os
import secrets
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from openclaw_site.demo.phone import Phone
from openclaw_site.devstack.errors import DevstackError
from openclaw_site.devstack.ports import HOST, Ports, require_free
from openclaw_site.devstack.processes import Child
from openclaw_site.devstack.proctable import memory_mib
from openclaw_site.devstack.world import World

ROOT = Path(__file__).resolve().parent.parent.parent
STAFF_EMAIL = "staff@openclaw.example"
_OWNERS_ONLY = ("DATABASE_OWNER_URL", "DATABASE_ADMIN_URL")


class Stack:
    """A context manager: everything answers inside, nothing of it is left outside."""

    def __init__(self, state_dir: Path, ports: Ports, progress: Callable[[str], None]) -> None:
        require_free(ports.web, part="the web server", field="web (--port)")
        self.world = World(state_dir, ports, progress)
        self.staff_password = secrets.token_urlsafe(9)
        self.phone: Phone | None = None
        self.recovery_codes: list[str] = []
        self.peak_rss_mib = self.peak_pss_mib = 0.0
        self._progress = progress
        self._children: list[Child] = []
        self._stopping = threading.Event()

    def __enter__(self) -> "Stack":
        try:
            self.world.start()
            self._environment = self._base_environment()
            self._prepare()
            self._start_processes()
        except BaseException:
            self.stop()
            raise
        threading.Thread(target=self._watch_memory, name="memory", daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the product's processes, then the world. Safe to repeat."""
        self._stopping.set()
        for child in reversed(self._children):
            child.stop(grace_seconds=8)
        self._children.clear()
        self.world.stop()

    def admin_url(self) -> str:
        """Where the admin is, without a closing slash."""
        return self.world.environment()["ADMIN_BASE_URL"]

    def dead(self) -> str | None:
        """What to tell when one of the processes ended by itself, or None while all live."""
        for child in self._children:
            if not child.alive:
                return (
                    f"{child.name} ended with code {child.returncode}. Its log, {child.log}, ends:\n{child.log_tail()}"
                )
        return None

    def _base_environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        mail = self.world.state_dir / "mail"
        mail.mkdir(parents=True, exist_ok=True)
        return {
            **inherited,
            **self.world.environment(),
            "DJANGO_SETTINGS_MODULE": "openclaw_site.settings.local",
            "DEVSTACK_DIR": str(self.world.state_dir),
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(mail),
            "PYTHONUNBUFFERED": "1",
            "MALLOC_ARENA_MAX": "2",
        }

    def _prepare(self) -> None:
        begun = time.monotonic()
        for command in (["bootstrap_database"], ["migrate", "--verbosity", "0"], ["createsuperuser", "--noinput"]):
            environment = {
                **self._environment,
                "DJANGO_SUPERUSER_EMAIL": STAFF_EMAIL,
                "DJANGO_SUPERUSER_PASSWORD": self.staff_password,
            }
            done = subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True
            )
            if done.returncode:
                raise DevstackError(
                    f"`manage.py {command[0]}` ended with code {done.returncode}:\n{done.stderr.strip()[-2000:]}",
                    "This is a fault of the product; the text above says where.",
                )
        self._progress(f"Roles, tables and a staff login  {time.monotonic() - begun:.1f} s")

    def _start_processes(self) -> None:
        begun = time.monotonic()
        celery = ["-m", "celery", "-A", "openclaw_site", "--quiet"]
        threads = ["--pool", "threads", "--concurrency", "4", "--loglevel", "INFO"]
        web = ["-m", "gunicorn", "openclaw_site.wsgi", "--bind", f"{HOST}:{self.world.ports.web}", "--threads", "8"]
        web += ["--no-control-socket"]
        beat = [*celery, "beat", "--schedule", str(self.world.state_dir / "beat"), "--pidfile", ""]
        self._start("web", web)
        self._start("worker", [*celery, "worker", "-Q", "default", "-n", "worker@demo", *threads])
        self._start(
            "provisioner", [*celery, "worker", "-Q", "provisioning", "-n", "provisioner@demo", *threads], owner=True
        )
        self._start("beat", beat)
        self._children[0].wait_until(self._web_answers, timeout_seconds=30)
        self._progress(f"Web, worker, provisioner and beat  {time.monotonic() - begun:.1f} s")

    def _start(self, name: str, arguments: list[str], *, owner: bool = False) -> None:
        dropped = () if owner else _OWNERS_ONLY
        environment = {key: value for key, value in self._environment.items() if key not in dropped}
        # settings.local reads the world's file for variables that are not set; an empty one counts as set.
        environment.update(dict.fromkeys(dropped, ""))
        child = Child(
            name,
            [sys.executable, *arguments],
            env=environment,
            cwd=ROOT,
            log=self.world.state_dir / "logs" / f"{name}.log",
            ledger=self.world.ledger,
        )
        child.start()
        self._children.append(child)

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.world.ports.web}/healthz", timeout=2) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def _watch_memory(self) -> None:
        """Keep the largest memory of this process and all below it."""
        while not self._stopping.wait(0.5):
            resident, proportional = memory_mib(os.getpid())
            self.peak_rss_mib = max(self.peak_rss_mib, resident)
            self.peak_pss_mib = max(self.peak_pss_mib, proportional)
