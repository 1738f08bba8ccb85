"""Settings while an image is built: production's static files, and no secret, since none is there yet."""

from django.core.management.utils import get_random_secret_key

from openclaw_site.settings.base import *  # noqa: F403

SECRET_KEY = get_random_secret_key()
WHITENOISE_USE_FINDERS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
