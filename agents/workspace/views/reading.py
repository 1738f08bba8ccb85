"""Pages that show: overview, messages, briefs, activity."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from agents.workspace import selectors
from agents.workspace.dashboard import agents_standing, runs_told
from agents.workspace.views.page import choice, page_number, show
from agents.workspace.words import deed
from tenants.members.requests import MemberRequest
from tenants.models import GmailConnection


@require_safe
def overview(request: MemberRequest) -> HttpResponse:
    """What waits for a member, today's brief, how the agents stand and what their last runs did."""
    customer = request.membership.tenant
    gmail = GmailConnection.objects.get(tenant=customer)
    brief = selectors.brief_newest()
    values = {
        "brief": brief,
        "brief_is_todays": brief is not None and brief.day == timezone.now().date(),
        "counts": selectors.counts(),
        "agents": agents_standing(customer=customer, gmail=gmail),
        "runs": runs_told(customer=customer),
        "gmail": gmail,
    }
    return show(request, "overview", values)


@require_safe
def messages(request: MemberRequest) -> HttpResponse:
    """Envelopes and snippets, with Butler's classes."""
    which = choice(request, "all", "reply", "urgent")
    return show(
        request, "messages", {"which": which, "page": selectors.messages_page(which=which, number=page_number(request))}
    )


@require_safe
def briefs(request: MemberRequest) -> HttpResponse:
    """Butler's reports by day."""
    return show(request, "briefs", {"page": selectors.briefs_page(number=page_number(request))})


@require_safe
def activity(request: MemberRequest) -> HttpResponse:
    """What the agents did, and what was refused to them."""
    which = choice(request, "all", "refused")
    page = selectors.activities_page(which=which, number=page_number(request))
    page.object_list = [deed(one) for one in page]
    return show(request, "activity", {"which": which, "page": page})
