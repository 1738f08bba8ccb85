"""WSGI entry point of the web process. Doesn't load where customers' contexts would mix (`refuse_at_start`)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openclaw_site.settings.production")
application = get_wsgi_application()

from tenants.isolation.pooling import refuse_at_start  # noqa: E402 (needs the settings)

refuse_at_start()
