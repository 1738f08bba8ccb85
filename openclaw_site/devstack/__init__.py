"""The embedded world: everything outside our code that a demo or a test needs, started on loopback.

PostgreSQL, Redis, AWS (moto, with a Fargate that really runs tasks), Google and Stripe (emulate). It imports no
app and needs no Django; product code knows nothing of it and sees only addresses in its environment.
"""

from .errors import DevstackError
from .google import Mail, Mailbox
from .ports import Ports
from .world import World

__all__ = ["DevstackError", "Mail", "Mailbox", "Ports", "World"]
