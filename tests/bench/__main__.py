"""`make bench`: what things cost, as ratios within one run on this machine. Nothing is asserted."""

import io
import sys

from tests.world import world_start, world_stop


def main() -> int:
    """Print the table, a row as soon as it is known; exit code 0."""
    import django

    world_start()
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from tests.bench import bridge, dispatch, isolation, work

    try:
        call_command("bootstrap_database", stdout=io.StringIO())
        call_command("migrate", verbosity=0, stdout=io.StringIO())
        # The dispatcher last: the tasks that it leaves keep the embedded AWS busy.
        for part in (isolation, bridge, work, dispatch):
            for row in part.measure():
                sys.stdout.write(f"{row}\n")
                sys.stdout.flush()
    finally:
        connections.close_all()
        world_stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
