"""An owner's way to Stripe's pages: a wish, a page that waits for the address, and on to it."""

import uuid
from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from agents.workspace.views.page import for_owners, show
from billing import selectors, services
from billing.errors import BillingRefused
from billing.models import VisitKind
from tenants.members.middleware import workspace_not_required
from tenants.members.requests import MemberRequest

# Whoever waits longer is told that it takes long, and may leave.
_LONG: Final = timedelta(seconds=20)
# An address of Stripe's that is older may hold no more.
_STALE: Final = timedelta(minutes=15)


@workspace_not_required
@require_POST
@for_owners("billing", "decide how invoices are paid")
def begin(request: MemberRequest) -> HttpResponse:
    """The wish to pay by card, to pay one invoice so, or to change the card."""
    found = selectors.subscription_of(customer_id=request.membership.tenant.pk)
    kind = request.POST.get("kind", "")
    if found is None or kind not in VisitKind.values:
        raise Http404
    invoice = None
    if kind == VisitKind.INVOICE:
        invoice = selectors.invoice_of(customer_id=found.tenant_id, invoice_id=_uuid(request.POST.get("invoice", "")))
        if invoice is None:
            raise Http404
    try:
        visit = services.card_visit_begin(subscription=found, kind=kind, invoice=invoice)
    except BillingRefused as error:
        messages.error(request, " ".join(error.messages))
        return redirect("billing")
    return redirect("card_visit", visit.pk)


@workspace_not_required
@require_safe
@for_owners("billing", "decide how invoices are paid")
def visit(request: MemberRequest, visit_id: uuid.UUID) -> HttpResponse:
    """On to Stripe as soon as the address is there; until then a page that asks again by itself."""
    found = selectors.card_visit_of(customer_id=request.membership.tenant.pk, visit_id=visit_id)
    if found is None:
        raise Http404
    age = timezone.now() - found.created_at
    if found.problem or age > _STALE:
        messages.error(request, found.problem or "The way to the payment page has expired. Begin again.")
        return _lead(request, reverse("billing"))
    if found.url:
        return _lead(request, found.url)
    return show(request, "billing", {"visit": found, "is_long": age > _LONG}, template="portal/card_visit.html")


def _lead(request: MemberRequest, url: str) -> HttpResponse:
    """The browser goes there, whether it or the page's script has asked."""
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None
