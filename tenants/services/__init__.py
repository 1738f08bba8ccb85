"""Writes about customers: onboard, pause, resume, close, and the one way a customer's state changes.

All need the platform's context. What a run of the machine does afterwards is `tenants.onboarding`'s.
"""

from tenants.services.canary import customer_canary_set
from tenants.services.close import customer_close
from tenants.services.farewell import farewells_sweep
from tenants.services.onboard import customer_onboard
from tenants.services.pause import customer_pause, customer_resume
from tenants.services.states import customer_state_set

__all__ = [
    "customer_canary_set",
    "customer_close",
    "customer_onboard",
    "customer_pause",
    "customer_resume",
    "customer_state_set",
    "farewells_sweep",
]
