"""Google: its addresses, our client there, the sign-in with an account and the consent to a mailbox."""

from openclaw_site.settings.environment import env

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
