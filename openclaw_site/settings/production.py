"""Settings in production: refuses to start with an endpoint override, a missing secret or an unsafe default."""

import os

from django.core.exceptions import ImproperlyConfigured

from openclaw_site.settings.base import *  # noqa: F403
from openclaw_site.settings.base import ADMIN_BASE_URL, PUBLIC_BASE_URL, REDIS_CACHE_NAME, REDIS_URL, env

_OVERRIDES = (
    "GOOGLE_AUTHORIZE_URL",
    "GOOGLE_TOKEN_URL",
    "GOOGLE_REVOKE_URL",
    "GOOGLE_USERINFO_URL",
    "GOOGLE_ISSUER",
    "GMAIL_API_ENDPOINT",
    "STRIPE_API_URL",
)
_REQUIRED = (
    "SECRET_KEY",
    "FIELD_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "CUSTOMER_DOMAIN",
    "AWS_REGION",
    "ECS_CLUSTER",
    "ECS_SUBNETS",
    "ECS_SECURITY_GROUPS",
    "ECS_TASK_DEFINITION_PREFIX",
    "TASK_EVENTS_QUEUE_URL",
    "AGENT_LOG_GROUP",
    "AGENT_BUCKET",
    "TENANT_POLICY_ARN",
    "TENANT_BOUNDARY_ARN",
    "GOOGLE_CLIENT_ID",
    "GOOGLE_CLIENT_SECRET",
)

problems = [f"{name} is not set" for name in _REQUIRED if not env.str(name, default="")]
problems += [f"{name} must not be overridden" for name in _OVERRIDES if name in os.environ]
problems += [
    f"{name} must not be set: it would send calls meant for AWS elsewhere"
    for name in os.environ
    if name.startswith("AWS_ENDPOINT_URL")
]
problems += [
    f"{name} must start with https://"
    for name, url in (("PUBLIC_BASE_URL", PUBLIC_BASE_URL), ("ADMIN_BASE_URL", ADMIN_BASE_URL))
    if not url.startswith("https://")
]
if REDIS_URL.startswith("redis://") and "@" in REDIS_URL:
    problems.append("REDIS_URL must start with rediss://: its password would be sent in plain")
if REDIS_CACHE_NAME and not REDIS_URL.startswith("rediss://"):
    problems.append("REDIS_URL must start with rediss:// where REDIS_CACHE_NAME is set: log-in by IAM needs TLS")
if problems:
    raise ImproperlyConfigured("Production refuses to start: " + "; ".join(problems) + ".")

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Whoever is believed about the scheme is believed about the client's address too.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1)
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
HANDOVER_COOKIE_NAME = "__Host-handover"
WHITENOISE_USE_FINDERS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
