"""The embedded world as a whole. Owns starting and stopping in order, the state folder, the environment.

What each part is and how it differs from the real one is said in the part's own module.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType

from . import node
from .aws.cloud import Aws
from .emulate import Emulate
from .google import Google, Mailbox
from .keys import Keys, write_private
from .ledger import Ledger
from .model import Model
from .ports import HOST, Ports
from .postgres import DATABASE, Postgres
from .redis import Redis
from .statelock import StateLock
from .stripe import Stripe

# Above the users of most systems; a world's ports are its own, and so are the 64 users that follow from one of them.
_FIRST_ENGINE_UID = 1_000_000
GMAIL_CALLBACK = "/accounts/gmail/login/callback/"
SIGN_IN_CALLBACK = "/accounts/google/login/callback/"
STRIPE_WEBHOOK = "/payments/stripe/"

Progress = Callable[[str], None]


def _silent(line: str) -> None:
    del line


class World:
    """Everything outside our code, on loopback. A context manager; start() and stop() do the same by hand.

    One a process (moto's state is global) and one a state folder. `progress` gets one line a part;
    `extra_users` are Google accounts beside the demo's; `engine_command` is an engine in place of the agents' own.
    """

    def __init__(
        self,
        state_dir: Path,
        ports: Ports | None = None,
        progress: Progress = _silent,
        extra_users: Iterable[Mailbox] = (),
        engine_command: str | None = None,
    ) -> None:
        self.state_dir = state_dir.resolve()
        self.ports = ports or Ports.free()
        self.keys = Keys.load_or_make(self.state_dir / "keys.json")
        self._progress = progress
        self._engine_command = engine_command
        self._progress_lock = threading.Lock()
        self._lock = StateLock(self.state_dir / "lock")
        self.ledger = Ledger(self.state_dir / "processes.json")
        self.postgres = Postgres(
            state_dir=self.state_dir,
            port=self.ports.postgres,
            password=self.keys.postgres_password,
            ledger=self.ledger,
        )
        self.redis = Redis(state_dir=self.state_dir, port=self.ports.redis, ledger=self.ledger)
        self.aws = Aws(
            port=self.ports.aws,
            agents_port=self.ports.agents,
            state_dir=self.state_dir,
            ledger=self.ledger,
        )
        self.model = Model(port=self.ports.model)
        self.emulate = Emulate(state_dir=self.state_dir, ledger=self.ledger)
        self.google = Google(
            port=self.ports.google,
            emulate=self.emulate,
            client_secret=self.keys.google_client_secret,
            redirect_uris=[f"{self._public_url}{path}" for path in (GMAIL_CALLBACK, SIGN_IN_CALLBACK)],
            extra_mailboxes=extra_users,
        )
        self.stripe = Stripe(
            port=self.ports.stripe,
            emulate=self.emulate,
            secret_key=self.keys.stripe_secret_key,
            webhook_secret=self.keys.stripe_webhook_secret,
            webhook_url=f"{self._public_url}{STRIPE_WEBHOOK}",
        )

    def __enter__(self) -> "World":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Every part answers when this returns and the environment file is written.

        DevstackError, with what to do, when a port is taken, a program missing or the folder in use; nothing
        runs then. What an earlier crash left behind in this state folder is ended first.
        """
        self._lock.acquire()
        try:
            self.ledger.end_leftovers()
            self._start_parts()
            write_private(self.state_dir / "env", self._dotenv())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """No process of the world is left and no port is held. Safe to repeat, and after a failed start."""
        if not self._lock.held:
            return  # never started, or the folder is another world's: nothing in it is ours to remove
        with contextlib.ExitStack() as stack:  # runs all of them, last first, whatever fails
            stack.callback(self._lock.release)
            stack.callback((self.state_dir / "env").unlink, missing_ok=True)
            stack.callback(self.postgres.stop)
            stack.callback(self.redis.stop)
            stack.callback(self.emulate.stop)
            stack.callback(self.google.stop)
            stack.callback(self.stripe.stop)
            stack.callback(self.model.stop)
            stack.callback(self.aws.stop)

    def environment(self) -> dict[str, str]:
        """What the back office reads from its environment to live in this world. Known once started."""
        return {
            "SECRET_KEY": self.keys.secret_key,
            "FIELD_KEY": self.keys.field_key,
            "DATABASE_URL": self.postgres.url("openclaw_app", self.keys.app_password),
            "DATABASE_OWNER_URL": self.postgres.url("openclaw_owner", self.keys.owner_password),
            "DATABASE_ADMIN_URL": self.postgres.url(),
            "DATABASE_POOLING": "session",
            "REDIS_URL": self.redis.url,
            "PUBLIC_BASE_URL": self._public_url,
            "ADMIN_BASE_URL": f"http://admin.localhost:{self.ports.web}",
            "CUSTOMER_DOMAIN": "localhost",
            "AWS_ENDPOINT_URL": self.aws.url,
            **self.aws.platform.environment(),
            **self.google.environment(),
            **self.stripe.environment(),
        }

    @property
    def _public_url(self) -> str:
        return f"http://localhost:{self.ports.web}"

    def rss_mib(self) -> float:
        """Memory in MiB of the parts that are processes of their own; moto lives in the caller's process."""
        return self.postgres.rss_mib() + self.redis.rss_mib() + self.aws.rss_mib() + self.emulate.rss_mib()

    def _agent_environment(self) -> dict[str, str]:
        """What the task definitions give every agent."""
        return {
            "DATABASE_HOST": HOST,
            "DATABASE_PORT": str(self.ports.postgres),
            "DATABASE_NAME": DATABASE,
            "DATABASE_SSLMODE": "disable",
            "HEALTH_PORT": "0",  # tasks share one network here, so each takes a free port
            "AWS_ENDPOINT_URL": self.aws.url,
            "GMAIL_API_ENDPOINT": self.google.url,
            **self.model.environment(),
            **self._engine_environment(),
        }

    def _engine_environment(self) -> dict[str, str]:
        """The engine and its users, other ones than another world's; one engine a core at a time, as a turn takes one.

        Where we are not root and it can't have a user of its own, the word that ours will do.
        """
        if self._engine_command is None:
            node.ensure_engine_installed()
            program = {
                "ENGINE_COMMAND": node.engine_command(),
                "ENGINE_COMPILE_CACHE": str(node.engine_compile_cache()),
                "ENGINE_SEATS": str(min(os.cpu_count() or 1, 64)),
            }
        else:
            program = {"ENGINE_COMMAND": self._engine_command}
        same_user = {} if os.geteuid() == 0 else {"ENGINE_SAME_UID": "allowed"}
        return {**program, "ENGINE_UID": str(_FIRST_ENGINE_UID + self.ports.agents * 64), **same_user}

    def _start_parts(self) -> None:
        parts: dict[str, Callable[[], None]] = {
            f"PostgreSQL 18 on {HOST}:{self.ports.postgres}": self.postgres.start,
            f"Redis on {HOST}:{self.ports.redis}": self.redis.start,
            f"AWS on {HOST}:{self.ports.aws}": lambda: self.aws.start(self._agent_environment()),
            f"Google on {HOST}:{self.ports.google}": self.google.start,
            f"Stripe on {HOST}:{self.ports.stripe}": self.stripe.start,
            f"Model on {HOST}:{self.ports.model}": self.model.start,
        }
        with ThreadPoolExecutor(max_workers=len(parts), thread_name_prefix="devstack-start") as pool:
            started = [pool.submit(self._timed, label, start) for label, start in parts.items()]
            try:
                wait(started)
            finally:  # interrupted or not: a part that is still starting can't be stopped yet
                wait(started)
        for future in started:
            future.result()

    def _timed(self, label: str, start: Callable[[], None]) -> None:
        begun = time.monotonic()
        start()
        with self._progress_lock:
            self._progress(f"{label}  {time.monotonic() - begun:.1f} s")

    def _dotenv(self) -> str:
        return "".join(f"{name}={value}\n" for name, value in self.environment().items())
