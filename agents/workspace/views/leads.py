"""Leads: the list with its search, one lead, and the list as a table to download."""

import uuid
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from agents.workspace.compose_link import thread_link
from agents.workspace.forms import LeadsForm
from agents.workspace.leads import Wanted, lead_drafts, lead_row, leads_csv, leads_page
from agents.workspace.models import Lead
from agents.workspace.views.page import page_number, show
from tenants.members.requests import MemberRequest


@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """Who may buy, why Scout thinks so, and the draft for them; those that the form asks for."""
    form, wanted = _wanted(request)
    kept = request.GET.copy()
    kept.pop("page", None)
    values = {
        "form": form,
        "page": leads_page(wanted=wanted, number=page_number(request)),
        "query": kept.urlencode(),
        "is_narrowed": wanted != Wanted(sort=wanted.sort),
        "is_chosen": bool(form.errors) or wanted != Wanted(q=wanted.q),
    }
    return show(request, "leads", values)


@require_safe
def table(request: MemberRequest) -> HttpResponseBase:
    """The same leads as CSV, sent while they are read."""
    customer = request.membership.tenant
    lines = leads_csv(customer_id=customer.id, wanted=_wanted(request)[1])
    name = f"leads-{customer.slug}-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def lead(request: MemberRequest, lead_id: uuid.UUID) -> HttpResponse:
    """One lead with the message that shows it and all its drafts. Mails lead here, so a gone one says so."""
    try:
        row = lead_row(lead_id=lead_id)
    except Lead.DoesNotExist:
        return show(request, "leads", {}, template="portal/lead_gone.html", status=404)
    values: dict[str, Any] = {"lead": row.lead, "evidence": row.evidence, "drafts": lead_drafts(lead=row.lead)}
    if row.evidence is not None and row.evidence.thread_id:
        values["thread_url"] = thread_link(account=request.membership.tenant.email, thread_id=row.evidence.thread_id)
    return show(request, "leads", values, template="portal/lead.html")


def _wanted(request: MemberRequest) -> tuple[LeadsForm, Wanted]:
    """What the address asks for; a field that is not in order is left out and says why."""
    form = LeadsForm(request.GET)
    form.is_valid()
    asked = {name: value for name, value in form.cleaned_data.items() if value not in ("", None)}
    return form, Wanted(**asked)
