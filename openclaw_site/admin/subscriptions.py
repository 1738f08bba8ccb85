"""Subscriptions and invoices: what stands, and the few things that staff may do to it. Services do them."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from billing import services
from billing.models import CardAccount, Invoice, InvoiceLine, Plan, Subscription
from openclaw_site.admin.acting import log, staff
from openclaw_site.admin.links import customer_link
from openclaw_site.admin.readonly import ReadOnlyAdmin

STATE_COLOURS = {"trial": "info", "active": "success", "past_due": "warning", "suspended": "danger"}
DASHBOARD = "https://dashboard.stripe.com/customers/"
# What staff type in; all else follows from it.
EDITABLE = ("billing_name", "billing_address", "tax_id", "billing_email", "tax_percent")


def _try(request: HttpRequest, thing: Any, service: Callable[[], str]) -> None:
    """What the service did is told and logged with the thing; a refusal is told."""
    try:
        done = service()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        log(request, thing, done)
        messages.success(request, done)


class PlanChoice(forms.Form):
    """The plan to go over to."""

    plan = forms.ModelChoiceField(Plan.objects.filter(is_active=True), widget=UnfoldAdminSelectWidget)


@admin.register(Subscription)
class SubscriptionAdmin(ModelAdmin):
    """Who has which plan. Staff type what stands on invoices; states follow from days and money."""

    list_display = ("name", "plan", "state_label", "trial_ends_on", "period_end", "agreed_at", "cancels")
    list_filter = ("state", "plan", "payment", "cancels")
    list_select_related = ("tenant", "plan")
    search_fields = ("tenant__name", "tenant__slug", "billing_name", "billing_email", "tax_id")
    change_form_outer_after_template: Any = "admin/billing/subscription.html"
    fieldsets = (
        (
            None,
            {"fields": ("customer", "plan", "next_plan", "state", "payment", "agreed_at", "cancels", "cancelled_at")},
        ),
        ("On invoices", {"fields": EDITABLE}),
        ("At Stripe", {"fields": ("card",)}),
        ("Days", {"fields": ("trial_ends_on", "period_start", "period_end", "past_due_on", "suspended_at")}),
    )

    @display(description="Customer", ordering="tenant__name")
    def name(self, subscription: Subscription) -> str:
        return subscription.tenant.name

    @display(description="Customer")
    def customer(self, subscription: Subscription) -> SafeString:
        return customer_link(subscription.tenant)

    @display(description="State", ordering="state", label=STATE_COLOURS)
    def state_label(self, subscription: Subscription) -> tuple[str, str]:
        return subscription.state, subscription.get_state_display()

    @display(description="Customer there")
    def card(self, subscription: Subscription) -> SafeString | str:
        account = CardAccount.objects.filter(subscription=subscription).first()
        if account is None:
            return "Never paid by card."
        going = f"pays by {account.subscription_ref}" if account.subscription_ref else "does not pay by card now"
        return format_html('<a href="{}{}">{}</a>, {}', DASHBOARD, account.customer_ref, account.customer_ref, going)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A subscription is made with its customer."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is cancelled, never deleted: its invoices stay."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything but what staff type in."""
        shown = [str(field) for _, options in self.fieldsets for field in options["fields"]]
        return [field for field in shown if field not in EDITABLE]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Only what was typed is written: the sweep may have moved the rest meanwhile."""
        obj.save(update_fields=[name for name in form.changed_data if name in EDITABLE])

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with what can be decided below it."""
        return super().change_view(request, object_id, form_url, {"choice": PlanChoice(), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """Each decision is a POST of its own."""
        view = self.admin_site.admin_view(self._decide)
        return [path("<uuid:object_id>/decide/", view, name="billing_subscription_decide"), *super().get_urls()]

    @property
    def _decide(self) -> Callable[..., HttpResponse]:
        @require_POST
        def view(request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            found = get_object_or_404(Subscription, pk=object_id)
            _try(request, found, lambda: _carry_out(found, request))
            return redirect(reverse("admin:billing_subscription_change", args=[object_id]))

        return view


def _carry_out(subscription: Subscription, request: HttpRequest) -> str:
    wish = request.POST.get("wish", "")
    if wish == "agree":
        services.subscription_agree(subscription=subscription)
        return "Noted: the customer agreed to pay."
    if wish == "cancel":
        services.subscription_cancel(subscription=subscription)
        return "It ends with what is paid for."
    if wish == "keep":
        services.subscription_keep(subscription=subscription)
        return "It goes on."
    choice = PlanChoice(request.POST)
    if wish != "plan" or not choice.is_valid():
        raise ValidationError("Choose a plan of the list.")
    plan = choice.cleaned_data["plan"]
    services.subscription_change_plan(subscription=subscription, plan=plan)
    return f"{plan.name} was chosen."


class LineInline(TabularInline):
    """What is paid for."""

    model = InvoiceLine
    fields = ("description", "amount")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PaidForm(forms.Form):
    """The money is there."""

    paid_on = forms.DateField(label="Day of the transfer", widget=UnfoldAdminSingleDateWidget)
    reference = forms.CharField(label="Reference", max_length=100, required=False, widget=UnfoldAdminTextInputWidget)


class CancelForm(forms.Form):
    """The invoice was wrong."""

    reason = forms.CharField(label="Reason", max_length=150, widget=UnfoldAdminTextInputWidget)


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    """What was asked of whom. An invoice stays as it was issued; it is paid, or taken back by a credit note."""

    list_display = ("number", "customer", "issued_on", "due_on", "total", "standing")
    list_filter = ("state", "kind", "currency")
    list_select_related = ("tenant",)
    search_fields = ("number", "tenant__name", "tenant__slug", "payment_reference")
    date_hierarchy = "issued_on"
    inlines = (LineInline,)
    readonly_fields = ("customer", "net", "tax", "total", "standing")
    change_form_outer_after_template: Any = "admin/billing/invoice.html"
    fieldsets = (
        (
            None,
            {"fields": ("number", "customer", "kind", "corrects", "standing", "net", "tax_percent", "tax", "total")},
        ),
        ("Days", {"fields": ("issued_on", "due_on", "period_start", "period_end", "mailed_at")}),
        ("Who", {"fields": ("seller", "buyer", "buyer_tax_id")}),
        ("Money", {"fields": ("paid_on", "paid_by", "payment_reference", "failed_on")}),
    )

    @display(description="Customer", ordering="tenant__name")
    def customer(self, invoice: Invoice) -> SafeString:
        return customer_link(invoice.tenant)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with what can be done below it."""
        may_act = request.user.has_perm("billing.change_invoice")
        shown = {"paid_form": PaidForm(), "cancel_form": CancelForm(), "may_act": may_act}
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        """Paid and cancelled, each a POST of its own."""
        view = self.admin_site.admin_view
        return [
            path("<uuid:object_id>/paid/", view(self._button(_paid)), name="billing_invoice_paid"),
            path("<uuid:object_id>/cancel/", view(self._button(_cancel)), name="billing_invoice_cancel"),
            *super().get_urls(),
        ]

    def _button(self, service: Callable[[Invoice, HttpRequest], str]) -> Callable[..., HttpResponse]:
        @require_POST
        def view(request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
            if not request.user.has_perm("billing.change_invoice"):
                raise PermissionDenied
            found = get_object_or_404(Invoice, pk=object_id)
            _try(request, found, lambda: service(found, request))
            return redirect(reverse("admin:billing_invoice_change", args=[object_id]))

        return view


def _typed(form: forms.Form) -> dict[str, Any]:
    """What the form holds. Raises ValidationError with all that is wrong, by the fields' names."""
    if not form.is_valid():
        texts = [f"{form.fields[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()]
        raise ValidationError(texts)
    return form.cleaned_data


def _paid(invoice: Invoice, request: HttpRequest) -> str:
    typed = _typed(PaidForm(request.POST))
    services.invoice_mark_paid(
        invoice=invoice, paid_on=typed["paid_on"], paid_by=staff(request), reference=typed["reference"]
    )
    return f"{invoice.number} is paid."


def _cancel(invoice: Invoice, request: HttpRequest) -> str:
    note = services.invoice_cancel(invoice=invoice, reason=_typed(CancelForm(request.POST))["reason"])
    return f"{invoice.number} is taken back by {note.number}."
