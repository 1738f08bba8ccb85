"""The site's own app: commands of the whole house, the Celery app, pages that belong to no other room."""

from django.apps import AppConfig


class OpenclawSiteConfig(AppConfig):
    """Makes the Celery app the current one in every Django process, so that `delay` reaches our broker."""

    name = "openclaw_site"
    verbose_name = "OpenClaw"

    def ready(self) -> None:
        from openclaw_site import celery  # noqa: F401
