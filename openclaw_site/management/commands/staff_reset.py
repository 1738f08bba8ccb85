"""`manage.py staff_reset EMAIL`: for the day when no colleague can reset an authenticator in the admin."""

import logging
from typing import Any

from django.core.management.base import CommandError, CommandParser

from openclaw_site.staff.authenticators import authenticator_reset
from tenants.management.base import EXIT_USAGE, PlatformCommand
from tenants.models import User

logger = logging.getLogger(__name__)


class Command(PlatformCommand):
    """Takes a lost authenticator away. The person is told by mail."""

    help = "Reset the authenticator of a member of staff, who then sets up a new one at the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="Address of the member of staff.")

    def run(self, **options: Any) -> int | None:
        """Says what was done."""
        email = options["email"].strip().lower()
        user = User.objects.filter(email=email, is_staff=True).first()
        if user is None:
            raise CommandError(f"Nobody of the staff has the address {email}.", returncode=EXIT_USAGE)
        if authenticator_reset(user=user):
            logger.warning("The authenticator of person %s was reset by an operator's command.", user.pk)
            self.stdout.write(f"{email} sets up a new authenticator at the next sign-in. All sessions have ended.")
        else:
            self.stdout.write(f"{email} has no authenticator.")
        return None
