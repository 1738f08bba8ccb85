"""Stripe of the embedded world: emulate (npm) for catalogue and checkout, with a front before it for the rest.

What each of them does, and what still differs from Stripe, is listed in front/.
"""

from .service import Stripe

__all__ = ["Stripe"]
