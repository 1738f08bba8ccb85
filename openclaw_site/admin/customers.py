"""Customers: the list, onboarding, and the page from which one is watched and worked."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.decorators import display

from agents.errors import AgentError
from agents.models import Agent, AgentRun
from agents.services import agent_start, agent_stop, customer_runs_stop
from openclaw_site.admin import customer_page
from openclaw_site.admin.onboard_form import OnboardForm
from openclaw_site.aws.errors import AwsError
from tenants.gmail.services import connect_url
from tenants.models import Customer, User
from tenants.onboarding.services import provisioning_retry
from tenants.selectors import provisioning_latest
from tenants.services import customer_close, customer_pause, customer_resume

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
class CustomerAdmin(ModelAdmin):
    """Thin edges: each button calls one service, writes the log and returns to the page."""

    list_display = ("name", "host", "state_label", "plan", "region", "gmail_state", "running", "created_at")
    list_filter = ("state", "plan", "region", "gmail__state")
    list_select_related = ("gmail",)
    search_fields = ("name", "email", "slug", "schema_name")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    actions = ("pause_selected", "resume_selected")

    # -- the list --------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """Customers with the number of their open runs, in one query."""
        open_run = ~Q(agents__runs__state__in=AgentRun.ENDED) & Q(agents__runs__isnull=False)
        customers: QuerySet[Customer] = super().get_queryset(request)
        return customers.annotate(open_runs=Count("agents__runs", filter=open_run))

    @display(description="Host", ordering="slug")
    def host(self, customer: Customer) -> str:
        return customer.host

    @display(description="State", ordering="state", label=STATE_COLOURS)
    def state_label(self, customer: Customer) -> tuple[str, str]:
        return customer.state, customer.get_state_display()

    @display(description="Gmail", ordering="gmail__state")
    def gmail_state(self, customer: Customer) -> str:
        return customer.gmail.get_state_display()

    @display(description="Agents running", ordering="open_runs")
    def running(self, customer: Customer) -> int:
        return int(customer.open_runs)  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False  # Closing is the way out; it leaves a record.

    @admin.action(description="Pause: start no agents")
    def pause_selected(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        for customer in queryset:
            self._do(request, customer, self._pause, "Paused.")

    @admin.action(description="Resume")
    def resume_selected(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        for customer in queryset:
            self._do(request, customer, self._resume, "Resumed.")

    # -- pages -----------------------------------------------------------------------------------
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Onboard a customer."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = OnboardForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            customer = form.onboard(actor=_staff(request))
            if customer is not None:
                self.log_addition(request, customer, "Onboarding began.")
                messages.success(request, f"{customer.name} is being set up. Connect its Gmail meanwhile.")
                return redirect(_page(customer))
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
        customer = self._customer(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **customer_page.progress(customer),
            "title": customer.name,
            "opts": self.opts,
            "agents": customer_page.agents(customer),
            "counts": customer_page.counts(customer),
            "logs_url": customer_page.logs_url(customer),
            "colour": STATE_COLOURS.get(customer.state, "info"),
            "may_change": self.has_change_permission(request, customer),
            "connect_link": request.session.pop("connect_link", None),
        }
        return TemplateResponse(request, "admin/customer/page.html", context)

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The part of the page that htmx asks for again."""
        customer = self._customer(request, object_id)
        context = {
            **customer_page.progress(customer),
            "agents": customer_page.agents(customer),
            "counts": customer_page.counts(customer),
            "may_change": self.has_change_permission(request, customer),
            "colour": STATE_COLOURS.get(customer.state, "info"),
        }
        return render(request, "admin/customer/live.html", context)

    def get_urls(self) -> list[URLPattern]:
        """The page's buttons, each a POST of its own."""
        view = self.admin_site.admin_view
        buttons: dict[str, Callable[[HttpRequest, Customer], str]] = {
            "retry": self._retry,
            "pause": self._pause,
            "resume": self._resume,
            "connect-link": self._link,
        }
        urls = [
            path("<uuid:object_id>/live/", view(self.progress_view), name="tenants_customer_live"),
            path("<uuid:object_id>/connect/", view(self._connect_view), name="tenants_customer_connect"),
            path("<uuid:object_id>/close/", view(self._close_view), name="tenants_customer_close"),
            path(
                "<uuid:object_id>/agents/<uuid:agent_id>/<str:verb>/",
                view(self._agent_view),
                name="tenants_customer_agent",
            ),
        ]
        for name, service in buttons.items():
            urls.append(path(f"<uuid:object_id>/{name}/", view(self._button(service)), name=f"tenants_customer_{name}"))
        return urls + super().get_urls()

    # -- buttons ---------------------------------------------------------------------------------
    def _button(self, service: Callable[[HttpRequest, Customer], str]) -> Callable[..., HttpResponse]:
        @require_POST
        def view(request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
            customer = self._customer(request, object_id, change=True)
            self._do(request, customer, service)
            return redirect(_page(customer))

        return view

    def _do(
        self, request: HttpRequest, customer: Customer, service: Callable[[HttpRequest, Customer], str], _: str = ""
    ) -> None:
        try:
            done = service(request, customer)
        except ValidationError as error:
            messages.error(request, f"{customer.name}: {' '.join(error.messages)}")
        except (AgentError, AwsError) as error:
            messages.error(request, f"{customer.name}: {error} {error.next_action}")
        else:
            self.log_change(request, customer, done)
            messages.success(request, f"{customer.name}: {done}")

    def _pause(self, request: HttpRequest, customer: Customer) -> str:
        customer_pause(customer=customer, actor=_staff(request))
        stopped = customer_runs_stop(customer=customer, reason="The customer was paused.")
        return f"Paused; {stopped} running agents were told to stop."

    def _resume(self, request: HttpRequest, customer: Customer) -> str:
        customer_resume(customer=customer, actor=_staff(request))
        return "Resumed."

    def _retry(self, request: HttpRequest, customer: Customer) -> str:
        run = provisioning_latest(customer=customer)
        if run is None:
            raise ValidationError("There is nothing to retry.")
        provisioning_retry(provisioning=run, actor=_staff(request))
        return "The failed step is tried again."

    def _link(self, request: HttpRequest, customer: Customer) -> str:
        request.session["connect_link"] = connect_url(customer=customer, actor=_staff(request))
        return "The link below works once; send it to whoever owns the mailbox."

    def _connect_view(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        customer = self._customer(request, object_id, change=True)
        if request.method != "POST":
            return redirect(_page(customer))
        self.log_change(request, customer, "Began to connect Gmail.")
        return redirect(connect_url(customer=customer, actor=_staff(request)))

    def _agent_view(self, request: HttpRequest, object_id: uuid.UUID, agent_id: uuid.UUID, verb: str) -> HttpResponse:
        customer = self._customer(request, object_id, change=True)
        agent = get_object_or_404(Agent, id=agent_id, tenant=customer)
        if request.method == "POST" and verb in ("start", "stop"):

            def service(request: HttpRequest, customer: Customer) -> str:
                if verb == "start":
                    agent_start(agent=agent, trigger="staff", actor=_staff(request))
                    return f"{agent.get_role_display()} was started."
                agent_stop(agent=agent, actor=_staff(request), reason="Stopped by staff.")
                return f"{agent.get_role_display()} was told to stop."

            self._do(request, customer, service)
        return redirect(_page(customer))

    def _close_view(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """Closing asks for the subdomain, because what it deletes does not come back."""
        customer = self._customer(request, object_id, change=True)
        wrong = False
        if request.method == "POST":
            wrong = request.POST.get("subdomain", "").strip() != customer.slug
            if not wrong:
                customer_close(customer=customer, actor=_staff(request))
                self.log_change(request, customer, "Closing began.")
                messages.success(request, f"{customer.name} is being taken away.")
                return redirect(_page(customer))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Close {customer.name}",
            "customer": customer,
            "wrong": wrong,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/customer/close.html", context, status=422 if wrong else 200)

    def _customer(self, request: HttpRequest, object_id: Any, *, change: bool = False) -> Customer:
        try:
            key = uuid.UUID(str(object_id))
        except ValueError:
            key = uuid.UUID(int=0)
        customer = get_object_or_404(Customer.objects.select_related("gmail", "gmail__connected_by"), id=key)
        allowed = self.has_change_permission if change else self.has_view_permission
        if not allowed(request, customer):
            raise PermissionDenied
        return customer


def _page(customer: Customer) -> str:
    return reverse("admin:tenants_customer_change", args=[customer.id])


def _staff(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user
