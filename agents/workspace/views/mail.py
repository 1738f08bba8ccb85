"""Which mails a member wants."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from agents.workspace.forms import MailForm
from agents.workspace.views.page import show
from tenants.members.middleware import workspace_not_required
from tenants.members.requests import MemberRequest
from tenants.members.services import mail_wishes_save


@workspace_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: MemberRequest) -> HttpResponse:
    """The member's own choice; POST saves it."""
    mine = request.membership
    initial = {"brief": mine.brief_since, "hot_leads": mine.hot_leads_since, "time_zone": mine.time_zone}
    form = MailForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        mail_wishes_save(member=mine, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("mail_wishes")
    values = {"form": form, "hot_score": settings.HOT_LEAD_SCORE}
    return show(request, "mail_wishes", values, status=422 if form.errors else 200)
