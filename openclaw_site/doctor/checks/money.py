"""Money: what invoices would say of us."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings

from openclaw_site.doctor.findings import Finding, ok, warning

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
