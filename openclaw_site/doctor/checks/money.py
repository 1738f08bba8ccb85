"""Money: what invoices would say of us, and whether cards can be taken."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings

from openclaw_site.doctor.findings import Finding, ok, problem, warning

_UNSET: Final = "OpenClaw"


def invoices(process: str) -> Iterator[Finding]:
    """Invoices can't be changed once they are issued, so who sells has to be right before the first."""
    if settings.INVOICE_SELLER == _UNSET:
        yield warning(
            "Invoices would name no address and no bank account.",
            "Set INVOICE_SELLER before the first trial ends: name, address, tax number and account, parted by “|”.",
        )
    else:
        yield ok(f"Invoices name {settings.INVOICE_SELLER.splitlines()[0]}.")


def cards(process: str) -> Iterator[Finding]:
    """Cards are taken by three things together: the offer, the worker's key and the public host's secret."""
    needed = {"web": "STRIPE_WEBHOOK_SECRET", "worker": "STRIPE_SECRET_KEY", "operator": "STRIPE_SECRET_KEY"}
    name = needed.get(process)
    if not settings.CARD_PAYMENTS:
        yield ok("Cards are not taken; customers pay by transfer.")
    elif name is None:
        yield ok("Cards are taken; this process needs no key for that.")
    elif getattr(settings, name):
        yield ok(f"Cards are taken; {name} is set.")
    else:
        yield problem(
            f"Cards are offered, and {name} is not set.", "Put it as docs/deploy.md says, or unset CARD_PAYMENTS."
        )
