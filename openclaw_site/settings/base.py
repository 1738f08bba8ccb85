"""Settings that hold everywhere. What differs between places comes from the environment, read in this folder alone;
`local`, `test` and `production` only choose where that environment comes from and what is refused.

This module has them all; parts that belong together stand in `sign_in`, `google`, `money`, `watched` and `back_office`.
"""

from urllib.parse import urlsplit

from openclaw_site import cache_login
from openclaw_site.settings.back_office import UNFOLD as UNFOLD
from openclaw_site.settings.environment import BASE_DIR as BASE_DIR
from openclaw_site.settings.environment import env as env
from openclaw_site.settings.google import *  # noqa: F403
from openclaw_site.settings.money import *  # noqa: F403
from openclaw_site.settings.sign_in import *  # noqa: F403
from openclaw_site.settings.watched import *  # noqa: F403

# -- Hosts: the public site, the admin and the customers' hosts never share a cookie ---------------
PUBLIC_BASE_URL: str = env.str("PUBLIC_BASE_URL", default="http://localhost:8000").rstrip("/")
ADMIN_BASE_URL: str = env.str("ADMIN_BASE_URL", default="http://admin.localhost:8000").rstrip("/")
CUSTOMER_DOMAIN: str = env.str("CUSTOMER_DOMAIN", default="localhost")
PUBLIC_HOST = urlsplit(PUBLIC_BASE_URL).hostname or ""
ADMIN_HOST = urlsplit(ADMIN_BASE_URL).hostname or ""
ALLOWED_HOSTS = [PUBLIC_HOST, ADMIN_HOST, f".{CUSTOMER_DOMAIN}"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL, ADMIN_BASE_URL]
RESERVED_SUBDOMAINS: list[str] = env.list("RESERVED_SUBDOMAINS", default=[])

SECRET_KEY: str = env.str("SECRET_KEY", default="")
FIELD_KEY: str = env.str("FIELD_KEY", default="")
DEBUG = False

# -- Applications ----------------------------------------------------------------------------------
SHARED_APPS = [
    "openclaw_site",
    "tenants",
    "agents",
    "billing",
    "django_tenants",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "tenants.gmail.provider",
    "tenants.signup.provider",
    "django_htmx",
]
TENANT_APPS = ["agents.workspace"]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]

MIDDLEWARE = [
    "openclaw_site.request_log.RequestLogMiddleware",
    "tenants.isolation.middleware.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.members.middleware.SessionPlaceMiddleware",
    "tenants.isolation.middleware.StaffContextMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tenants.members.middleware.MembershipMiddleware",
]
ROOT_URLCONF = "openclaw_site.urls_public"
PUBLIC_SCHEMA_URLCONF = "openclaw_site.urls_public"
ADMIN_URLCONF = "openclaw_site.urls_admin"
TENANT_URLCONF = "openclaw_site.urls_tenant"
WSGI_APPLICATION = "openclaw_site.wsgi.application"
ASGI_APPLICATION = "openclaw_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "openclaw_site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.members.support.banner",
            ],
        },
    },
]

# -- Database: login openclaw_app; the owner's login exists only where its URL is given --------------
DATABASE_POOLING: str = env.str("DATABASE_POOLING", default="session")
DATABASES = {
    "default": {
        **env.db_url_config(env.str("DATABASE_URL", default="postgres://openclaw_app@127.0.0.1:5432/openclaw")),
        "ENGINE": "tenants.isolation.backend",
        "CONN_MAX_AGE": 0 if DATABASE_POOLING == "transaction" else 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": DATABASE_POOLING == "transaction",
    },
}
TENANT_DB_ALIAS = "default"
if owner_url := env.str("DATABASE_OWNER_URL", default=""):
    DATABASES["owner"] = {
        **env.db_url_config(owner_url),
        "ENGINE": "tenants.isolation.backend.owner",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
    TENANT_DB_ALIAS = "owner"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- django-tenants ----------------------------------------------------------------------------------
TENANT_MODEL = "tenants.Customer"
TENANT_DOMAIN_MODEL = "tenants.Domain"
TENANTS_PLAN_CATALOG = "billing.selectors.plan_choices"
TENANTS_PLAN_MEMBERS = "billing.selectors.members_limit"
AGENTS_PLAN_TERMS = "billing.selectors.plan_terms"
AGENTS_BEFORE_FORGET = "billing.services.customer_meter"
CUSTOMER_REGIONS: list[str] = env.list("CUSTOMER_REGIONS", default=[env.str("AWS_REGION", default="us-east-1")])
# Of customers of whom nobody has said it: where they keep office hours, as Europe/Berlin.
CUSTOMER_TIME_ZONE: str = env.str("CUSTOMER_TIME_ZONE", default="UTC")
PROVISIONING_STEPS = [
    "tenants.onboarding.steps.schema.SchemaStep",
    "tenants.onboarding.steps.database_role.DatabaseRoleStep",
    "tenants.onboarding.steps.storage.StoragePrefixStep",
    "tenants.onboarding.steps.iam_role.IamRoleStep",
    "tenants.onboarding.steps.gmail_secret.GmailSecretStep",
    "agents.onboarding.agents_step.AgentsStep",
    "agents.onboarding.proof_of_life.ProofOfLifeStep",
]

# -- What members get ------------------------------------------------------------------------------
# From this score on a new lead is hot: members who want that get a mail.
HOT_LEAD_SCORE: int = env.int("HOT_LEAD_SCORE", default=80)
# How long an archive of a customer's data is kept, and how long a link to it holds.
EXPORT_DAYS: int = env.int("EXPORT_DAYS", default=3)
EXPORT_LINK_SECONDS: int = env.int("EXPORT_LINK_SECONDS", default=60)

# -- AWS: names that Terraform gives out ---------------------------------------------------------------
AWS_REGION: str = env.str("AWS_REGION", default="us-east-1")
ECS_CLUSTER: str = env.str("ECS_CLUSTER", default="")
ECS_SUBNETS: list[str] = env.list("ECS_SUBNETS", default=[])
ECS_SECURITY_GROUPS: list[str] = env.list("ECS_SECURITY_GROUPS", default=[])
ECS_TASK_DEFINITION_PREFIX: str = env.str("ECS_TASK_DEFINITION_PREFIX", default="")
# Role=revision, as "butler=12,scout=9": what all but the canaries run. A role that is left out runs its newest.
ECS_TASK_DEFINITION_REVISIONS: dict[str, str] = env.dict("ECS_TASK_DEFINITION_REVISIONS", default={})
# Runs that the dispatcher keeps going at a time. The lesser of two bounds: the account's Fargate quota (its vCPUs, over
# those of a task) and the connections that PostgreSQL has left for agents, which take one each.
AGENT_MAX_RUNNING: int = env.int("AGENT_MAX_RUNNING", default=200)
TASK_EVENTS_QUEUE_URL: str = env.str("TASK_EVENTS_QUEUE_URL", default="")
AGENT_LOG_GROUP: str = env.str("AGENT_LOG_GROUP", default="")
AGENT_BUCKET: str = env.str("AGENT_BUCKET", default="")
TENANT_ROLE_PATH: str = env.str("TENANT_ROLE_PATH", default="/openclaw/tenants/")
TENANT_POLICY_ARN: str = env.str("TENANT_POLICY_ARN", default="")
TENANT_BOUNDARY_ARN: str = env.str("TENANT_BOUNDARY_ARN", default="")

# -- Celery and the cache, which counts failed sign-ins ----------------------------------------------
REDIS_URL: str = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
# The replication group's name: log in to it by IAM, as the user that REDIS_URL names. Empty: with REDIS_URL's password.
REDIS_CACHE_NAME: str = env.str("REDIS_CACHE_NAME", default="")
CACHES = {"default": cache_login.django_cache(REDIS_URL, REDIS_CACHE_NAME)}
PROVISIONING_LEASE_SECONDS: int = env.int("PROVISIONING_LEASE_SECONDS", default=30)

# -- Mail --------------------------------------------------------------------------------------------
# In production Amazon SES by the task's role (anymail.backends.amazon_ses.EmailBackend), or any SMTP server.
EMAIL_BACKEND: str = env.str("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_FILE_PATH: str = env.str("EMAIL_FILE_PATH", default="")
EMAIL_HOST: str = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT: int = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER: str = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD: str = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS: bool = env.bool("EMAIL_USE_TLS", default=False)
# Without a limit, a mail server that does not answer holds the request or the worker for ever.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="OpenClaw <no-reply@localhost>")
# Where people reach us, as mails about a closed account say. Empty: the public site.
CONTACT_EMAIL: str = env.str("CONTACT_EMAIL", default="")

# -- Pages -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
FORMAT_MODULE_PATH = "openclaw_site.formats"
USE_TZ = True
FORM_RENDERER = "openclaw_site.forms.Renderer"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "openclaw_site" / "static"]
WHITENOISE_USE_FINDERS = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# django-tenants compares its own idea of a schema with ours at class level; models are checked by our own check.
SILENCED_SYSTEM_CHECKS: list[str] = []
