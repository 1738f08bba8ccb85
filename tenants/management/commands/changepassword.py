"""`manage.py changepassword`, in the platform's context."""

from typing import Any

from django.contrib.auth.management.commands import changepassword

from tenants.isolation.context import enter_platform


class Command(changepassword.Command):
    """Django's own command; only the context is ours."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """Run as the platform, which may write users."""
        with enter_platform():
            return super().execute(*args, **options)
