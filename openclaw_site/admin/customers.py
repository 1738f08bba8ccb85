"""Customers: the list, onboarding, and the page from which one is watched. Its buttons are `customer_buttons`."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.decorators import display

from agents.selectors import customers_with_agents
from openclaw_site.admin import customer_page, links
from openclaw_site.admin.acting import CHANGE_AGENT, CLOSE, CONNECT, RETRY, staff
from openclaw_site.admin.customer_buttons import CustomerButtons
from openclaw_site.admin.customer_members import members
from openclaw_site.admin.customer_support import support
from openclaw_site.admin.figures import model_month
from openclaw_site.admin.onboard_form import OnboardForm
from tenants.models import Customer

STATE_COLOURS = {
    "pending": "info",
    "provisioning": "info",
    "awaiting_gmail": "warning",
    "active": "success",
    "degraded": "danger",
    "paused": "warning",
    "offboarding": "warning",
}


@admin.register(Customer)
class CustomerAdmin(CustomerButtons):
    """Thin edges: each button calls one service, writes the log and returns to the page."""

    list_display = ("name", "host", "state_label", "plan", "region", "gmail_state", "agents", "created_at")
    list_filter = ("state", "plan", "region", "gmail__state", "is_canary")
    list_select_related = ("gmail",)
    search_fields = ("name", "email", "slug", "schema_name")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    add_label = "Onboard customer"

    # -- the list --------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """Customers with how their agents stand, in one query."""
        return customers_with_agents(customers=super().get_queryset(request))

    @display(description="Host", ordering="slug")
    def host(self, customer: Customer) -> str:
        return customer.host

    @display(description="State", ordering="state", label=STATE_COLOURS)
    def state_label(self, customer: Customer) -> tuple[str, str]:
        return customer.state, customer.get_state_display()

    @display(description="Gmail", ordering="gmail__state")
    def gmail_state(self, customer: Customer) -> str:
        return customer.gmail.get_state_display()

    @display(description="Agents", ordering="agents_running")
    def agents(self, customer: Customer) -> str:
        return customer_page.agents_in_short(customer)

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False  # Closing is the way out; it leaves a record.

    # -- pages -----------------------------------------------------------------------------------
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Onboard a customer."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = OnboardForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            customer = form.onboard(actor=staff(request))
            if customer is not None:
                self.log_addition(request, customer, "Onboarding began.")
                messages.success(request, f"{customer.name} is being set up. Connect its Gmail meanwhile.")
                return redirect(links.customer_page(customer))
        context = {
            **self.admin_site.each_context(request),
            "title": "Onboard customer",
            "form": form,
            "opts": self.opts,
            "customer_domain": settings.CUSTOMER_DOMAIN,
        }
        return TemplateResponse(request, "admin/customer/onboard.html", context, status=422 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The customer's page."""
        customer = self.customer(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **self._live(request, customer),
            "title": customer.name,
            "opts": self.opts,
            "original": customer,
            "logs_url": customer_page.logs_url(),
            "connect_link": request.session.pop("connect_link", None),
            "may_connect": request.user.has_perm(CONNECT),
            "may_close": request.user.has_perm(CLOSE),
            **members(request, customer),
            **support(request, customer),
        }
        return TemplateResponse(request, "admin/customer/page.html", context)

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The part of the page that htmx asks for again."""
        return render(request, "admin/customer/live.html", self._live(request, self.customer(request, object_id)))

    def get_urls(self) -> list[URLPattern]:
        """The page's live part, beside the buttons."""
        live = self.admin_site.admin_view(self.progress_view)
        return [path("<uuid:object_id>/live/", live, name="tenants_customer_live"), *super().get_urls()]

    def _live(self, request: HttpRequest, customer: Customer) -> dict[str, Any]:
        return {
            **customer_page.progress(customer),
            "agents": customer_page.agents(customer),
            "counts": customer_page.counts(customer),
            "model_month": model_month(customer),
            "is_leaving": customer.state in ("offboarding", "closed"),
            "may_change": self.has_change_permission(request, customer),
            "may_retry": request.user.has_perm(RETRY),
            "may_change_agents": request.user.has_perm(CHANGE_AGENT),
            "may_see_agents": request.user.has_perm("agents.view_agent"),
            "may_see_runs": request.user.has_perm("agents.view_agentrun"),
        }
