"""ASGI entry point, for servers that speak it. The views are synchronous. Refuses to load as the WSGI one does."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openclaw_site.settings.production")
application = get_asgi_application()

from tenants.isolation.pooling import refuse_at_start  # noqa: E402 (needs the settings)

refuse_at_start()
