"""How allauth keeps staff's authenticators: their secrets are encrypted with FIELD_KEY before they are stored."""

from allauth.mfa.adapter import DefaultMFAAdapter

from tenants.gmail import crypto


class StaffAuthenticatorAdapter(DefaultMFAAdapter):
    """allauth's own, but for the encryption. Both functions raise as `tenants.gmail.crypto` does."""

    def encrypt(self, text: str) -> str:
        """What may be stored of the secret."""
        return crypto.encrypt({"secret": text}).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret that was stored."""
        return str(crypto.decrypt(encrypted_text.encode())["secret"])
