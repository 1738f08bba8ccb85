"""Who signs in and how: members, strangers who sign up, staff; and how often each may try."""

from openclaw_site.settings.environment import env

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
