"""`manage.py devstack`: the embedded world alone, for running web and workers by hand or with a debugger."""

import signal
import threading
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from openclaw_site.devstack.errors import DevstackError
from openclaw_site.devstack.ports import DEFAULT_WEB_PORT, Ports
from openclaw_site.devstack.world import World
from openclaw_site.settings.base import BASE_DIR

_STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(BaseCommand):
    """Starts the world, says where things are, stays until told to stop."""

    help = (
        "Start PostgreSQL, Redis, AWS, Google and Stripe as embedded parts on 127.0.0.1 and stay until Ctrl-C. "
        "Commands in other terminals find them through the file `env` in the state folder."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, default=DEFAULT_WEB_PORT, help="Where your web server will listen (8000)."
        )
        parser.add_argument("--state-dir", type=Path, help="Where logs, keys and data live (.devstack).")

    def handle(self, *args: Any, **options: Any) -> None:
        for number in _STOPPING_SIGNALS:
            signal.signal(number, _interrupt)
        state_dir = options["state_dir"] or BASE_DIR / ".devstack"
        begun = time.monotonic()
        try:
            with World(state_dir, Ports.free(web=options["port"]), self._say) as world:
                self._say(f"Ready after {time.monotonic() - begun:.1f} s.")
                self._show(world)
                threading.Event().wait()
        except KeyboardInterrupt:
            self._say("Stopped; no process is left.")
        except DevstackError as error:
            raise CommandError(f"{error}\nLogs: {state_dir}/logs") from error

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _show(self, world: World) -> None:
        self._say(
            f"\n  Environment  {world.state_dir / 'env'} (settings.local reads it)\n"
            f"  PostgreSQL   {world.postgres.address}   (logins and passwords: the environment)\n"
            f"  Redis        {world.redis.url}\n"
            f"  AWS          {world.aws.url}   (region and keys: the environment)\n"
            f"  Google       {world.google.url}   (accounts: {', '.join(world.google.accounts)})\n"
            f"  Stripe       {world.stripe.url}   (keys: the environment; webhooks go to {world.stripe.webhook_url})\n"
            f"  Web          http://localhost:{world.ports.web}, once you start it\n\n"
            "  The database is empty: manage.py bootstrap_database, then manage.py migrate.\n"
            "  Ctrl-C stops everything; data are not kept.\n"
        )


def _interrupt(number: int, frame: object) -> None:
    """The first signal stops the world; further ones must not cut the stopping short."""
    for each in _STOPPING_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
