"""Google of the embedded world: emulate (npm) for OAuth and Gmail, with a front before it.

emulate alone would let wrong code pass: it answers an unknown, expired or revoked access token as its first user,
asks for no scope, has no way to refuse consent and no Gmail profile. front/ closes these; what it says is what
Google says. What still differs from Google is listed there.
"""

from .mailbox import Mail, Mailbox
from .service import Google

__all__ = ["Google", "Mail", "Mailbox"]
