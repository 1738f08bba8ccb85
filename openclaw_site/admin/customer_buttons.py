"""The buttons of a customer's page and list: each parses, calls one service, and returns to the page."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from agents.models import Agent
from agents.services import customer_runs_stop
from openclaw_site.admin.acting import CHANGE_CUSTOMER, CLOSE, CONNECT, RETRY, act, log, staff, start_or_stop
from openclaw_site.admin.customer_members import add_member, remove_member
from openclaw_site.admin.customer_support import change_support
from openclaw_site.admin.links import customer_page
from tenants.gmail.services import connect_url
from tenants.models import Customer
from tenants.onboarding.services import provisioning_retry
from tenants.selectors import provisioning_latest
from tenants.services import customer_canary_set, customer_close, customer_pause, customer_resume

Service = Callable[[HttpRequest, Customer], str]


class CustomerButtons(ModelAdmin):
    """What can be done to a customer, without the pages on which it is done."""

    actions = ("pause_selected", "resume_selected", "canary_selected", "no_canary_selected")

    @admin.action(description="Pause: start no agents", permissions=["change"])
    def pause_selected(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        for customer in queryset:
            self._do(request, customer, _pause)

    @admin.action(description="Resume", permissions=["change"])
    def resume_selected(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        for customer in queryset:
            self._do(request, customer, _resume)

    @admin.action(description="Canary: run the newest task definitions first", permissions=["change"])
    def canary_selected(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        for customer in queryset:
            self._do(request, customer, partial(_canary, is_canary=True))

    @admin.action(description="No canary any more", permissions=["change"])
    def no_canary_selected(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        for customer in queryset:
            self._do(request, customer, partial(_canary, is_canary=False))

    def get_urls(self) -> list[URLPattern]:
        """Each button's own address, for POST only; closing asks first, with a form."""
        view = self.admin_site.admin_view
        services: dict[str, tuple[Service, str]] = {
            "retry": (_retry, RETRY),
            "pause": (_pause, CHANGE_CUSTOMER),
            "resume": (_resume, CHANGE_CUSTOMER),
            "connect-link": (_link, CONNECT),
        }
        urls = [
            path("<uuid:object_id>/connect/", view(self._connect_view), name="tenants_customer_connect"),
            path("<uuid:object_id>/close/", view(self._close_view), name="tenants_customer_close"),
            path("<uuid:object_id>/members/", view(self._members_view), name="tenants_customer_members"),
            path("<uuid:object_id>/support/", view(self._support_view), name="tenants_customer_support"),
        ]
        for name, (service, permission) in services.items():
            button = view(self._button(service, permission))
            urls.append(path(f"<uuid:object_id>/{name}/", button, name=f"tenants_customer_{name}"))
        for verb in ("start", "stop"):
            address = f"<uuid:object_id>/agents/<uuid:agent_id>/{verb}/"
            urls.append(path(address, view(self._agent_button(verb)), name=f"tenants_customer_agent_{verb}"))
        return urls + super().get_urls()

    def customer(self, request: HttpRequest, object_id: Any, *, permission: str = "") -> Customer:
        """The customer of the address. Raises Http404, and PermissionDenied to whoever may not see it or lacks
        `permission` beside.
        """
        try:
            key = uuid.UUID(str(object_id))
        except ValueError:
            key = uuid.UUID(int=0)
        customer = get_object_or_404(Customer.objects.select_related("gmail", "gmail__connected_by"), id=key)
        if not self.has_view_permission(request, customer) or (permission and not request.user.has_perm(permission)):
            raise PermissionDenied
        return customer

    def _do(self, request: HttpRequest, customer: Customer, service: Service) -> None:
        act(request, lambda: service(request, customer), customer=customer)

    def _button(self, service: Service, permission: str) -> Callable[..., HttpResponse]:
        @require_POST
        def view(request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
            customer = self.customer(request, object_id, permission=permission)
            self._do(request, customer, service)
            return redirect(customer_page(customer))

        return view

    def _agent_button(self, verb: str) -> Callable[..., HttpResponse]:
        @require_POST
        def view(request: HttpRequest, object_id: uuid.UUID, agent_id: uuid.UUID) -> HttpResponse:
            customer = self.customer(request, object_id)
            agents = Agent.objects.select_related("tenant")
            start_or_stop(request, get_object_or_404(agents, id=agent_id, tenant=customer), verb)
            return redirect(customer_page(customer))

        return view

    def _connect_view(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        customer = self.customer(request, object_id, permission=CONNECT)
        if request.method != "POST":
            return redirect(customer_page(customer))
        log(request, customer, "Began to connect Gmail.")
        return redirect(connect_url(customer=customer, actor=staff(request)))

    def _members_view(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """POST adds the member of the form, or removes the one of the button."""
        customer = self.customer(request, object_id)
        if request.method == "POST":
            change = remove_member if "remove" in request.POST else add_member
            change(request, customer)
        return redirect(customer_page(customer))

    def _support_view(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """POST opens a support access, or ends the one of the button."""
        customer = self.customer(request, object_id)
        if request.method == "POST":
            change_support(request, customer)
        return redirect(customer_page(customer))

    def _close_view(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """Closing asks for the subdomain, because what it deletes does not come back."""
        customer = self.customer(request, object_id, permission=CLOSE)
        wrong = False
        if request.method == "POST":
            wrong = request.POST.get("subdomain", "").strip() != customer.slug
            if not wrong:
                customer_close(customer=customer, actor=staff(request))
                log(request, customer, "Closing began.")
                messages.success(request, f"{customer.name} is being taken away.")
                return redirect(customer_page(customer))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Close {customer.name}",
            "customer": customer,
            "original": customer,
            "wrong": wrong,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/customer/close.html", context, status=422 if wrong else 200)


def _pause(request: HttpRequest, customer: Customer) -> str:
    customer_pause(customer=customer, actor=staff(request))
    stopped = customer_runs_stop(customer=customer, reason="The customer was paused.")
    return f"Paused; {stopped} running agents were told to stop."


def _resume(request: HttpRequest, customer: Customer) -> str:
    customer_resume(customer=customer, actor=staff(request))
    return "Resumed."


def _canary(request: HttpRequest, customer: Customer, *, is_canary: bool) -> str:
    customer_canary_set(customer=customer, is_canary=is_canary, actor=staff(request))
    return "A canary from its next run on." if is_canary else "No canary any more."


def _retry(request: HttpRequest, customer: Customer) -> str:
    run = provisioning_latest(customer=customer)
    if run is None:
        raise ValidationError("There is nothing to retry.")
    provisioning_retry(provisioning=run, actor=staff(request))
    return "The failed step is tried again."


def _link(request: HttpRequest, customer: Customer) -> str:
    request.session["connect_link"] = connect_url(customer=customer, actor=staff(request))
    return "The link below works once; send it to whoever owns the mailbox."
