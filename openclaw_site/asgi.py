"""ASGI entry point, for servers that speak it. The views are synchronous."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openclaw_site.settings.production")
application = get_asgi_application()
