"""`manage.py migrate`: the public schema, the groups of staff, then every customer's schema."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.migrations.autodetector import MigrationAutodetector

from openclaw_site.staff.groups import groups_ensure
from tenants.isolation.schemas import migrate_schema, schema_exists
from tenants.models import Customer


class Command(BaseCommand):
    """Walks the schemas with the owner's login. A schema that fails is named; the others still go on."""

    help = "Bring the public schema and every customer's schema to the newest migrations. Needs DATABASE_OWNER_URL."
    requires_system_checks: list[str] = []
    autodetector = MigrationAutodetector  # Django's check compares it with makemigrations'.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--public-only", action="store_true", help="Leave the customers' schemas as they are.")

    def handle(self, *args: Any, **options: Any) -> None:
        if "owner" not in settings.DATABASES:
            raise CommandError("Migrating needs the owner's login: set DATABASE_OWNER_URL.", returncode=2)
        verbosity = int(options["verbosity"])
        migrate_schema(schema="public", verbosity=verbosity)
        groups_ensure(using="owner")
        self.stdout.write("public: migrated")
        if options["public_only"]:
            return
        failed = []
        for customer in Customer.objects.using("owner").exclude(state="closed").order_by("created_at"):
            if not schema_exists(schema=customer.schema_name):
                continue  # Onboarding has not come to its schema yet.
            try:
                migrate_schema(schema=customer.schema_name, verbosity=0)
            except Exception as error:  # One customer's broken schema must not stop the others' migration.
                failed.append(customer.schema_name)
                self.stderr.write(self.style.ERROR(f"{customer.schema_name}: {error}"))
            else:
                self.stdout.write(f"{customer.schema_name}: migrated")
        if failed:
            raise CommandError(f"{len(failed)} schemas failed: {', '.join(failed)}. The others are migrated.")
