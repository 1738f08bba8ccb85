"""A customer's plan and invoices, on its own host. Every member reads them; owners decide."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from agents.workspace.views.page import for_owners, is_owner, show
from billing import selectors, services
from billing.days import day_of, month_first
from billing.errors import BillingRefused
from billing.forms import DetailsForm
from billing.models import Subscription
from billing.payments import provider_of
from tenants.members.middleware import workspace_not_required
from tenants.members.requests import MemberRequest


@workspace_not_required
@require_safe
def plan(request: MemberRequest) -> HttpResponse:
    """The subscription, its invoices, and what goes on them."""
    found = _subscription(request)
    return _page(request, found, DetailsForm(initial=_details(found) if found else None))


@workspace_not_required
@require_POST
@for_owners("billing", "change what stands on invoices")
def details(request: MemberRequest) -> HttpResponse:
    """What stands on invoices is saved."""
    found = _subscription(request)
    form = DetailsForm(request.POST)
    if found is None or not form.is_valid():
        return _page(request, found, form, status=422)
    services.billing_details_save(subscription=found, **form.cleaned_data)
    messages.success(request, "Saved. It holds from the next invoice on.")
    return redirect("billing")


@workspace_not_required
@require_POST
@for_owners("billing", "decide about the plan")
def decide(request: MemberRequest) -> HttpResponse:
    """One decision of an owner about the subscription, named by the button that was pressed."""
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
        return _page(request, found, DetailsForm(initial=_details(found)), status=422)
    service, done = wishes[wish]
    try:
        service()
    except BillingRefused as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)
    return redirect("billing")


@workspace_not_required
@require_safe
def invoice(request: MemberRequest, invoice_id: uuid.UUID) -> HttpResponse:
    """One invoice, as it was issued; it prints on one page."""
    found = selectors.invoice_of(customer_id=request.membership.tenant.pk, invoice_id=invoice_id)
    if found is None:
        raise Http404
    advice = provider_of(found.subscription).advice(invoice=found)
    return render(
        request, "billing/invoice.html", {"invoice": found, "customer": request.membership.tenant, "advice": advice}
    )


def _subscription(request: MemberRequest) -> Subscription | None:
    return selectors.subscription_of(customer_id=request.membership.tenant.pk)


def _change(subscription: Subscription, code: str) -> None:
    plans = {plan.code: plan for plan in selectors.plans_for(subscription=subscription)}
    if code not in plans:
        raise BillingRefused("There is no such plan. Choose one of the list.")
    services.subscription_change_plan(subscription=subscription, plan=plans[code])


def _page(request: MemberRequest, found: Subscription | None, form: DetailsForm, status: int = 200) -> HttpResponse:
    values: dict[str, Any] = {"subscription": found, "form": form, "is_owner": is_owner(request)}
    if found is not None:
        month = month_first(day_of(timezone.now()))
        values |= {
            "standing": selectors.standing_of(subscription=found),
            "cards": selectors.card_choices(subscription=found),
            "paid": request.GET.get("paid") == "card",
            "plans": selectors.plans_for(subscription=found),
            "invoices": selectors.invoices_of(customer_id=request.membership.tenant.pk),
            "usage": selectors.usage_in_words(month=month, customer_id=request.membership.tenant.pk),
            "month": month,
            "due_days": settings.INVOICE_DUE_DAYS,
        }
    return show(request, "billing", values, status=status)


def _details(found: Subscription) -> dict[str, str]:
    return {
        "name": found.billing_name,
        "address": found.billing_address,
        "tax_id": found.tax_id,
        "email": found.billing_email,
    }
