"""What the operators' commands share: the platform's context, finding a customer, JSON, exit codes.

Exit codes: 0 it holds; 1 it failed; 2 the command line is wrong (unknown customer, bad value); 3 not yet (still
running, waiting for a person).
"""

import json
import sys
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from tenants.isolation.context import enter_platform
from tenants.models import Customer
from tenants.selectors import customer_find

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_YET = 3


class PlatformCommand(BaseCommand):
    """A command that acts as the platform. Subclasses write `run`, not `handle`.

    `refusals` are errors that carry a `next_action` for a person: they become two lines and exit code 1.
    """

    refusals: ClassVar[tuple[type[Exception], ...]] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Enter the platform's context and run; validation errors become one line each and exit code 2."""
        with enter_platform():
            try:
                code = self.run(**options)
            except ValidationError as error:
                raise CommandError("\n".join(_lines(error)), returncode=EXIT_USAGE) from error
            except self.refusals as error:
                next_action = getattr(error, "next_action", "")
                raise CommandError(f"{error}\n{next_action}", returncode=EXIT_FAILED) from error
        if code:
            sys.exit(code)

    def run(self, **options: Any) -> int | None:
        """Do the work; returns the exit code, None meaning 0."""
        raise NotImplementedError

    def customer(self, reference: str) -> Customer:
        """The customer that an operator meant: by id, TenantID, subdomain or exact name."""
        try:
            return customer_find(reference=reference)
        except Customer.DoesNotExist:
            raise CommandError(
                f"No customer “{reference}”. `manage.py customers` lists them.", returncode=EXIT_USAGE
            ) from None
        except Customer.MultipleObjectsReturned:
            raise CommandError(
                f"Several customers are called “{reference}”. Name one by its subdomain.",
                returncode=EXIT_USAGE,
            ) from None

    def write_json(self, value: Any) -> None:
        """`value` as indented JSON on standard output."""
        self.stdout.write(json.dumps(value, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False))

    def write_table(self, header: list[str], rows: list[list[str]]) -> None:
        """An aligned table on standard output."""
        widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
        for row in [header, *rows]:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write(line.rstrip())


def _lines(error: ValidationError) -> list[str]:
    if hasattr(error, "error_dict"):
        return [f"{field}: {message}" for field, messages in error.message_dict.items() for message in messages]
    return list(error.messages)
