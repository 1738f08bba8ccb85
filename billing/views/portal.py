"""A customer's plan and invoices, on its own host. Every member reads them; owners decide."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.workspace.views.page import show
from billing import selectors, services
from billing.errors import BillingRefused
from billing.forms import DetailsForm
from billing.models import Subscription
from tenants.members.requests import MemberRequest
from tenants.models import MembershipRole


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: MemberRequest) -> HttpResponse:
    """The subscription, its invoices, and what goes on them; POST saves the latter."""
    found = _subscription(request)
    if request.method != "POST":
        form = DetailsForm(initial=_details(found) if found else None)
        return show(request, "billing", _values(request, found, form))
    _require_owner(request)
    form = DetailsForm(request.POST)
    if found is None or not form.is_valid():
        return show(request, "billing", _values(request, found, form), status=422)
    services.billing_details_save(subscription=found, **form.cleaned_data)
    messages.success(request, "Saved. It holds from the next invoice on.")
    return redirect("billing")


@require_POST
def decide(request: MemberRequest) -> HttpResponse:
    """One decision of an owner about the subscription, named by the button that was pressed."""
    _require_owner(request)
    found = _subscription(request)
    if found is None:
        raise Http404
    wish = request.POST.get("wish", "")
    wishes: dict[str, tuple[Callable[[], Any], str]] = {
        "agree": (
            lambda: services.subscription_agree(subscription=found),
            "Thank you. The invoice comes when the trial is over.",
        ),
        "cancel": (
            lambda: services.subscription_cancel(subscription=found),
            "It ends with what is paid for. Until then you can keep it.",
        ),
        "keep": (lambda: services.subscription_keep(subscription=found), "It goes on."),
        "plan": (lambda: _change(found, request.POST.get("plan", "")), "Your choice is written down."),
    }
    if wish not in wishes:
        return show(request, "billing", _values(request, found, DetailsForm(initial=_details(found))), status=422)
    service, done = wishes[wish]
    try:
        service()
    except BillingRefused as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)
    return redirect("billing")


@require_safe
def invoice(request: MemberRequest, invoice_id: uuid.UUID) -> HttpResponse:
    """One invoice, as it was issued; it prints on one page."""
    found = selectors.invoice_of(customer_id=request.membership.tenant.pk, invoice_id=invoice_id)
    if found is None:
        raise Http404
    return render(request, "billing/invoice.html", {"invoice": found, "customer": request.membership.tenant})


def _subscription(request: MemberRequest) -> Subscription | None:
    return selectors.subscription_of(customer_id=request.membership.tenant.pk)


def _change(subscription: Subscription, code: str) -> None:
    plans = {plan.code: plan for plan in selectors.plans_for(subscription=subscription)}
    if code not in plans:
        raise BillingRefused("There is no such plan. Choose one of the list.")
    services.subscription_change_plan(subscription=subscription, plan=plans[code])


def _values(request: MemberRequest, found: Subscription | None, form: DetailsForm) -> dict[str, Any]:
    values: dict[str, Any] = {"subscription": found, "form": form, "is_owner": _is_owner(request)}
    if found is not None:
        values |= {
            "standing": selectors.standing_of(subscription=found),
            "plans": selectors.plans_for(subscription=found),
            "invoices": selectors.invoices_of(customer_id=request.membership.tenant.pk),
            "due_days": settings.INVOICE_DUE_DAYS,
        }
    return values


def _details(found: Subscription) -> dict[str, str]:
    return {
        "name": found.billing_name,
        "address": found.billing_address,
        "tax_id": found.tax_id,
        "email": found.billing_email,
    }


def _is_owner(request: MemberRequest) -> bool:
    return request.membership.role == MembershipRole.OWNER


def _require_owner(request: MemberRequest) -> None:
    if not _is_owner(request):
        raise PermissionDenied("Only an owner decides about the plan.")
