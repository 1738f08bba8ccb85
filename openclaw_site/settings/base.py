"""Settings that hold everywhere. What differs between places comes from the environment, read here and nowhere
else; `local`, `test` and `production` only choose where that environment comes from and what is refused."""

from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import environ

from openclaw_site import cache_login
from openclaw_site.settings.back_office import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

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

# -- People and sign-in ------------------------------------------------------------------------------
AUTH_USER_MODEL = "tenants.User"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# A mailed link to set a password must outlive a weekend.
PASSWORD_RESET_TIMEOUT: int = env.int("PASSWORD_RESET_DAYS", default=3) * 86_400
# How long the link in a sign-up's mail holds.
SIGNUP_LINK_HOURS: int = env.int("SIGNUP_LINK_HOURS", default=24)
# Sign-ups, by client address and by e-mail address, and all that the public host takes, as allauth writes its rates.
SIGNUP_RATES: dict[str, str] = {
    "begin": env.str("SIGNUP_RATE", default="20/h/ip,5/h/key"),
    "host": env.str("SIGNUP_HOST_RATE", default="300/h/key"),
    "subdomain": env.str("SIGNUP_SUBDOMAIN_RATE", default="120/m/ip"),
}
HANDOVER_COOKIE_NAME = "handover"
# What staff may read on a customer's host in a support access, by the names of its addresses. All others are closed.
SUPPORT_PAGES = {
    *("overview", "messages", "leads", "lead", "drafts", "draft", "draft_gmail", "briefs", "profile", "activity"),
    "support_accesses",
}
INVITATION_DAYS: int = env.int("INVITATION_DAYS", default=7)
# From this score on a new lead is hot: members who want that get a mail.
HOT_LEAD_SCORE: int = env.int("HOT_LEAD_SCORE", default=80)
# How long an archive of a customer's data is kept, and how long a link to it holds.
EXPORT_DAYS: int = env.int("EXPORT_DAYS", default=3)
EXPORT_LINK_SECONDS: int = env.int("EXPORT_LINK_SECONDS", default=60)
# How many proxies of ours add to X-Forwarded-For: the limits on failed sign-ins go by the address before them.
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXY_COUNT", default=0)
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "tenants.gmail.adapters.ClosedAccountAdapter"
# Staff sign in with a code too (openclaw_site.staff). Clocks may differ by one step of 30 seconds.
MFA_ADAPTER = "openclaw_site.staff.adapter.StaffAuthenticatorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "OpenClaw back office"
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "tenants.signup.adapters.GoogleAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
GMAIL_SCOPES = ["https://www.googleapis.com/auth/gmail.readonly"]
# Asked for only where somebody ticked that approved drafts are to be put into Gmail.
GMAIL_DRAFT_SCOPE = "https://www.googleapis.com/auth/gmail.compose"
GOOGLE_CLIENT_ID: str = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET: str = env.str("GOOGLE_CLIENT_SECRET", default="")
GOOGLE_AUTHORIZE_URL: str = env.str("GOOGLE_AUTHORIZE_URL", default="https://accounts.google.com/o/oauth2/v2/auth")
GOOGLE_TOKEN_URL: str = env.str("GOOGLE_TOKEN_URL", default="https://oauth2.googleapis.com/token")
GOOGLE_REVOKE_URL: str = env.str("GOOGLE_REVOKE_URL", default="https://oauth2.googleapis.com/revoke")
GOOGLE_USERINFO_URL: str = env.str("GOOGLE_USERINFO_URL", default="https://openidconnect.googleapis.com/v1/userinfo")
GOOGLE_ISSUER: str = env.str("GOOGLE_ISSUER", default="https://accounts.google.com")
# “Continue with Google” is allauth's own provider; Gmail's consent is another one, and never a login.
SOCIALACCOUNT_PROVIDERS = {
    "google": {
        "SCOPE": ["openid", "email", "profile"],
        "AUTH_PARAMS": {"access_type": "online", "prompt": "select_account"},
        "OAUTH_PKCE_ENABLED": True,
        "AUTHORIZE_URL": GOOGLE_AUTHORIZE_URL,
        "ACCESS_TOKEN_URL": GOOGLE_TOKEN_URL,
        "IDENTITY_URL": GOOGLE_USERINFO_URL,
        "ID_TOKEN_ISSUER": GOOGLE_ISSUER,
    }
}
GMAIL_API_ENDPOINT: str = env.str("GMAIL_API_ENDPOINT", default="https://gmail.googleapis.com")
GMAIL_INTENT_MINUTES: int = env.int("GMAIL_INTENT_MINUTES", default=30)
# A link that goes out by mail must outlive a weekend.
GMAIL_MAIL_LINK_DAYS: int = env.int("GMAIL_MAIL_LINK_DAYS", default=7)

# -- AWS: names that Terraform gives out ---------------------------------------------------------------
AWS_REGION: str = env.str("AWS_REGION", default="us-east-1")
# Which platform of billing/platform.py stands here, as customers share its cost: dev or production.
COSTS_PLATFORM: str = env.str("COSTS_PLATFORM", default="dev")
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

# -- What is watched ---------------------------------------------------------------------------------
# CloudWatch's namespace for the figures, as OpenClaw/production. Empty: none are published.
METRICS_NAMESPACE: str = env.str("METRICS_NAMESPACE", default="")
# Where traces go, by OTLP over HTTP, as http://127.0.0.1:4318. Empty: nothing is traced.
TRACES_ENDPOINT: str = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
# The share of requests and tasks that is traced, 0 to 1.
TRACES_RATIO: float = env.float("OTEL_TRACES_SAMPLER_ARG", default=0.05)
SERVICE_NAME: str = env.str("OTEL_SERVICE_NAME", default="openclaw")
# Which process this is: web, worker, provisioner, beat or operator.
PROCESS: str = env.str("PROCESS", default="")

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

# -- Money -------------------------------------------------------------------------------------------
# Who sells: name, address, tax number and bank, lines parted by "|". Stands on every invoice.
INVOICE_SELLER: str = env.str("INVOICE_SELLER", default="OpenClaw").replace("|", "\n")
INVOICE_TAX_PERCENT: Decimal = Decimal(env.str("INVOICE_TAX_PERCENT", default="0"))
INVOICE_DUE_DAYS: int = env.int("INVOICE_DUE_DAYS", default=14)
# Days from the warning that money is missing until the agents stop, and from the trial's warning until its end.
SUBSCRIPTION_GRACE_DAYS: int = env.int("SUBSCRIPTION_GRACE_DAYS", default=7)
TRIAL_WARN_DAYS: int = env.int("TRIAL_WARN_DAYS", default=3)
# Stripe, where customers may pay by card. The worker alone has the key; the web process checks with the secret what
# Stripe sends. "unset" is what Terraform writes before an operator does.
STRIPE_SECRET_KEY: str = env.str("STRIPE_SECRET_KEY", default="").removeprefix("unset")
STRIPE_WEBHOOK_SECRET: str = env.str("STRIPE_WEBHOOK_SECRET", default="").removeprefix("unset")
STRIPE_API_URL: str = env.str("STRIPE_API_URL", default="https://api.stripe.com")
# Whether owners are offered to pay by card.
CARD_PAYMENTS: bool = env.bool("CARD_PAYMENTS", default=False)

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

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"paths_left_out": {"()": "openclaw_site.request_log.PathsLeftOut"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["paths_left_out"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "botocore": {"level": "WARNING"},
        "googleapiclient": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
    },
}
