"""Drafts: the lists, one draft beside its lead, decisions, and its way into Gmail."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from agents.workspace import selectors, services
from agents.workspace.compose_link import compose_link, thread_link
from agents.workspace.errors import DraftChanged, DraftDecided
from agents.workspace.forms import DraftForm
from agents.workspace.models import Draft, DraftStatus
from agents.workspace.views.page import choice, page_number, show
from tenants.gmail.selectors import puts_drafts
from tenants.members.requests import MemberRequest

_DONE = {
    "save": "Saved. Writer no longer replaces this draft.",
    "approve": "Approved. Nothing was sent: open it in Gmail to send it.",
    "reject": "Rejected. Writer leaves this conversation alone.",
}


@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """Drafts of one status; those that wait for a member by default."""
    status = choice(request, *DraftStatus.values)
    numbers = selectors.draft_counts()
    values = {
        "status": status,
        "statuses": [(value, label, numbers[value]) for value, label in DraftStatus.choices],
        "page": selectors.drafts_page(status=status, number=page_number(request)),
    }
    return show(request, "drafts", values)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: MemberRequest, draft_id: uuid.UUID) -> HttpResponse:
    """One draft beside its lead. POST saves, approves or rejects it, if it is still the one that was seen."""
    found = _find(draft_id)
    if request.method != "POST":
        return _page(request, found)
    action, form = request.POST.get("action", ""), DraftForm(request.POST)
    # Whoever rejects a draft need not have left its text in order.
    acceptable = form.is_valid() or (action == "reject" and "seen" in form.cleaned_data)
    if action not in _DONE or not acceptable:
        return _page(request, found, form=form, status=422)
    try:
        _act(action, found, form.cleaned_data, request)
    except DraftDecided as error:
        typed = form if form.cleaned_data.get("body") != error.draft.body else None
        return _page(request, _find(draft_id), form=typed, too_late=True, status=409)
    except DraftChanged:
        return _page(request, _find(draft_id), form=form, changed=True, status=409)
    messages.success(request, _DONE[action])
    return redirect("draft", draft_id)


@require_http_methods(["GET", "HEAD", "POST"])
def gmail(request: MemberRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Where the approved draft stands on its way into Gmail, for htmx; POST sends it on its way once more."""
    if request.method == "POST":
        found = _find(draft_id)
        if not services.gmail_draft_ask(draft_id=found.id):
            messages.info(request, "It is in Gmail, on its way there, or can't be put there.")
        return redirect("draft", draft_id)
    return render(request, "portal/draft_gmail.html", _gmail(request, _find(draft_id)))


def _act(action: str, found: Draft, typed: dict[str, Any], request: MemberRequest) -> None:
    seen, member = typed["seen"], request.membership.user
    if action == "reject":
        services.draft_reject(draft_id=found.id, seen=seen, member=member)
        return
    service = services.draft_approve if action == "approve" else services.draft_save
    service(draft_id=found.id, seen=seen, subject=typed["subject"], body=typed["body"], member=member)


def _page(
    request: MemberRequest,
    found: Draft,
    *,
    form: DraftForm | None = None,
    changed: bool = False,
    too_late: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The draft as it stands, with what the member typed where that was not taken."""
    values = {
        **_gmail(request, found),
        "evidence": selectors.draft_evidence(draft=found),
        "form": form or DraftForm(initial={"subject": found.subject, "body": found.body}),
        "typed": form if changed or too_late else None,
        "seen": found.updated_at.isoformat(),
        "changed": changed,
        "too_late": too_late,
    }
    return show(request, "drafts", values, template="portal/draft.html", status=status)


def _gmail(request: MemberRequest, found: Draft) -> dict[str, Any]:
    """The ways into Gmail."""
    customer = request.membership.tenant
    recipient = found.recipient or (found.lead.email if found.lead else "")
    values: dict[str, Any] = {"draft": found, "recipient": recipient, "account": customer.email}
    if found.gmail_thread_id:
        values["thread_url"] = thread_link(account=customer.email, thread_id=found.gmail_thread_id)
    if found.status == DraftStatus.APPROVED:
        values["compose"] = compose_link(
            account=customer.email, recipient=recipient, subject=found.subject, body=found.body
        )
        values["on_its_way"] = selectors.draft_on_its_way(draft=found)
        values["puts_drafts"] = puts_drafts(customer_id=customer.id)
        values["can_put"] = values["puts_drafts"] and bool(found.gmail_thread_id)
    return values


def _find(draft_id: uuid.UUID) -> Draft:
    try:
        return selectors.draft_find(draft_id=draft_id)
    except Draft.DoesNotExist:
        raise Http404 from None
