"""The account: archives of its data, and its end. For owners; members see what owners could do."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.workspace.forms import CloseForm
from agents.workspace.services import export_ask, export_link
from agents.workspace.views.page import for_owners, is_owner, show
from tenants.members.middleware import workspace_not_required
from tenants.members.requests import MemberRequest
from tenants.members.selectors import owners_of, workspace_exists
from tenants.members.services import account_close
from tenants.models import DataExport

_SHOWN = 5


@workspace_not_required
@require_safe
def overview(request: MemberRequest) -> HttpResponse:
    """What can be taken along, and how the account ends."""
    customer = request.membership.tenant
    values = {
        **_exports(request),
        "has_workspace": workspace_exists(customer=customer),
        "owners": [] if is_owner(request) else owners_of(customer=customer),
    }
    return show(request, "account", values)


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners("account", "export the account's data")
def exports(request: MemberRequest) -> HttpResponse:
    """GET is the list for htmx; POST asks for an archive."""
    if request.method != "POST":
        return render(request, "portal/exports.html", {**_exports(request), "is_owner": True})
    before = DataExport.objects.filter(tenant=request.membership.tenant, state__in=DataExport.OPEN).exists()
    export_ask(actor=request.membership)
    said = "One is being made already." if before else "The archive is being made. This page shows how far it is."
    messages.success(request, said)
    return redirect("account")


@require_POST
@for_owners("account", "export the account's data")
def download(request: MemberRequest, export_id: uuid.UUID) -> HttpResponse:
    """On to the archive, by a link that holds for a minute."""
    address = export_link(actor=request.membership, export_id=export_id)
    if address is None:
        messages.info(request, "That archive is not there any more. Ask for a new one.")
        return redirect("account")
    return redirect(address)


@workspace_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners("account", "close the account")
def close(request: MemberRequest) -> HttpResponse:
    """GET says what is deleted and when; POST closes the account, if its subdomain was typed."""
    form = CloseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if account_close(actor=request.membership, typed=form.cleaned_data["subdomain"]):
            return redirect("overview")
        form.add_error("subdomain", f"That is not “{request.membership.tenant.slug}”. Nothing was closed.")
    values = {"form": form, "has_workspace": workspace_exists(customer=request.membership.tenant)}
    status = 422 if form.errors else 200
    return show(request, "account", values, template="portal/account_close.html", status=status)


def _exports(request: MemberRequest) -> dict[str, Any]:
    rows = DataExport.objects.filter(tenant=request.membership.tenant).select_related("requested_by")
    found = list(rows.order_by("-created_at")[:_SHOWN])
    open_ones = any(export.state in DataExport.OPEN for export in found)
    return {"exports": found, "is_making": open_ones, "export_days": settings.EXPORT_DAYS}
