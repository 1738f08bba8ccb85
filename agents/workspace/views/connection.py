"""The connection to Gmail: how it stands, connecting it again, and taking the permission back."""

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.workspace.views.page import for_owners, is_owner, show
from tenants.gmail.services import connect_url, disconnection_ask
from tenants.members.middleware import workspace_not_required
from tenants.members.requests import MemberRequest
from tenants.members.selectors import owners_of
from tenants.members.services import owner_check
from tenants.models import GmailConnection, GmailState

_SCOPES: Final = {
    "https://www.googleapis.com/auth/gmail.readonly": "Read your mail and its settings. Nothing can be changed by it.",
    "https://www.googleapis.com/auth/gmail.compose": "Put drafts into your mailbox. We send none: you do.",
    "openid": "Know which Google account it is.",
    "email": "Know the account's address.",
    "https://www.googleapis.com/auth/userinfo.email": "Know the account's address.",
}


@workspace_not_required
@require_safe
def status(request: MemberRequest) -> HttpResponse:
    """Whether the agents can read the mailbox, since when, by which permissions."""
    customer = request.membership.tenant
    gmail = GmailConnection.objects.select_related("connected_by").get(tenant=customer)
    words = dict.fromkeys(_SCOPES.get(scope, scope) for scope in gmail.scopes)
    ended = gmail.state in (GmailState.NOT_CONNECTED, GmailState.DISCONNECTING)
    values = {
        "gmail": gmail,
        "scopes": list(words),
        "puts_drafts": settings.GMAIL_DRAFT_SCOPE in gmail.scopes,
        "can_disconnect": not ended,
        "owners": [] if is_owner(request) else owners_of(customer=customer),
    }
    return show(request, "connection", values)


@workspace_not_required
@require_POST
def reconnect(request: MemberRequest) -> HttpResponse:
    """On to the page before Google, with a link of the member's own."""
    return redirect(connect_url(customer=request.membership.tenant, actor=request.membership.user))


@workspace_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners("connection", "disconnect Gmail")
def disconnect(request: MemberRequest) -> HttpResponse:
    """GET says what follows; POST takes the permission back."""
    customer = request.membership.tenant
    gmail = GmailConnection.objects.get(tenant=customer)
    if request.method != "POST":
        return show(request, "connection", {"gmail": gmail}, template="portal/disconnect.html")
    owner_check(actor=request.membership)
    if disconnection_ask(customer_id=customer.id, actor=request.membership.user):
        messages.success(request, "Gmail is being disconnected. The agents stop within a minute.")
    else:
        messages.info(request, "Gmail was not connected.")
    return redirect("connection")
