"""Pages that show: overview, messages, leads, briefs, activity."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agents.models import Agent
from agents.selectors import fleet_paused, runs_latest
from agents.workspace import selectors
from agents.workspace.views.page import choice, page_number, show
from agents.workspace.words import deed, standing
from tenants.members.requests import MemberRequest
from tenants.models import GmailConnection


@require_safe
def overview(request: MemberRequest) -> HttpResponse:
    """What is new, what waits for a member, and how the agents stand."""
    customer = request.membership.tenant
    latest = runs_latest(customer=customer)
    agents = Agent.objects.filter(tenant=customer).select_related("tenant").order_by("role")
    paused = fleet_paused()
    values = {
        "brief": selectors.brief_newest(),
        "counts": selectors.counts(),
        "agents": [standing(agent, latest.get(agent.role), fleet_is_paused=paused) for agent in agents],
        "gmail": GmailConnection.objects.get(tenant=customer),
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
def leads(request: MemberRequest) -> HttpResponse:
    """Who may buy, why Scout thinks so, and the draft for them."""
    return show(request, "leads", {"page": selectors.leads_page(number=page_number(request))})


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
