"""`manage.py bootstrap_database`: the platform's database roles, from a superuser's login, once."""

from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from openclaw_site.settings.base import env
from tenants.isolation.roles import platform_roles_ensure


class Command(BaseCommand):
    """Thin edge of tenants.isolation.roles.platform_roles_ensure."""

    help = (
        "Make the database roles, app_enter() and the revocations that everything else stands on. Safe to repeat. "
        "Reads DATABASE_ADMIN_URL (a superuser, on RDS the master user); sets the passwords found in DATABASE_URL and "
        "DATABASE_OWNER_URL, and leaves a login without one to IAM."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--admin-url", help="Instead of DATABASE_ADMIN_URL.")

    def handle(self, *args: Any, **options: Any) -> None:
        admin_url = options["admin_url"] or env.str("DATABASE_ADMIN_URL", default="")
        if not admin_url:
            raise CommandError("Set DATABASE_ADMIN_URL to a superuser's connection URL.", returncode=2)
        try:
            refused = platform_roles_ensure(
                admin_url=admin_url,
                app_password=_password(env.str("DATABASE_URL", default="")),
                owner_password=_password(env.str("DATABASE_OWNER_URL", default="")),
            )
        except psycopg.OperationalError as error:
            raise CommandError(f"The database can't be reached: {error}", returncode=3) from error
        except psycopg.Error as error:
            raise CommandError(f"The database refused: {error}", returncode=4) from error
        if refused:
            self.stdout.write(
                self.style.WARNING(
                    f"{len(refused)} rights of PUBLIC stay, since this user is no superuser (docs/isolation.md, "
                    "“On RDS”):"
                )
            )
            self.stdout.write("\n".join(f"  {statement}" for statement in refused))
        self.stdout.write(self.style.SUCCESS("Database roles and app_enter() are in place."))


def _password(url: str) -> str | None:
    password = urlsplit(url).password
    return unquote(password) if password else None
