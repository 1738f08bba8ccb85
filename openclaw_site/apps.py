"""The site's own app: commands of the whole house, the Celery app, pages that belong to no other room."""

from django.apps import AppConfig
from django.conf import settings


class OpenclawSiteConfig(AppConfig):
    """Makes the Celery app the current one in every Django process, so that `delay` reaches our broker, and has the
    process traced where there is a collector.
    """

    name = "openclaw_site"
    verbose_name = "OpenClaw"

    def ready(self) -> None:
        from openclaw_site import celery  # noqa: F401

        if settings.TRACES_ENDPOINT:
            from openclaw_site.observe.tracing import start

            self.tracing = start()
