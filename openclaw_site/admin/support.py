"""Support accesses: the record of all of them, and the way from the back office to a customer's own host."""

from django.contrib import admin, messages
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from unfold.decorators import display

from openclaw_site.admin.acting import staff
from openclaw_site.admin.customer_support import OPEN
from openclaw_site.admin.links import customer_link
from openclaw_site.admin.readonly import ReadOnlyAdmin
from tenants.members.addresses import portal_url
from tenants.members.errors import NotAMember
from tenants.members.services import handover_issue
from tenants.models import SupportAccess
from tenants.selectors import customer_by_host


@admin.register(SupportAccess)
class SupportAccessAdmin(ReadOnlyAdmin):
    """Who read which customer's pages, when and why."""

    list_display = ("started_at", "staff_email", "customer", "reason", "expires_at", "ended_at")
    list_select_related = ("tenant",)
    search_fields = ("staff_email", "tenant__name", "tenant__slug", "reason")
    date_hierarchy = "started_at"
    fields = ("customer", "staff_email", "reason", "started_at", "expires_at", "ended_at", "ended_by", "pages")
    readonly_fields = ("customer", "pages")

    @display(description="Customer")
    def customer(self, access: SupportAccess) -> SafeString:
        return customer_link(access.tenant)

    @display(description="Pages read")
    def pages(self, access: SupportAccess) -> str:
        rows = ((visit.path, visit.times, f"{visit.first_at:%Y-%m-%d %H:%M}") for visit in access.visits.all())
        return format_html_join("", "<div>{} ({} times, first at {} UTC)</div>", rows) or "none"


@never_cache
@require_safe
@staff_member_required
def hand_over(request: HttpRequest) -> HttpResponse:
    """On to the customer's host that sent the browser here, with a token, for whoever has an open support access."""
    user = staff(request)
    if not user.has_perm(OPEN):
        raise PermissionDenied
    host, browser = request.GET.get("host", "").lower(), request.GET.get("browser", "")
    customer_id = customer_by_host(host=host)
    if customer_id is None:
        raise Http404
    try:
        token = handover_issue(
            user=user, customer_id=customer_id, browser=browser, path=request.GET.get("next", "/"), for_support=True
        )
    except NotAMember:
        messages.error(request, "You have no open support access to this customer. Say below why you need one.")
        return redirect("admin:tenants_customer_change", customer_id)
    return redirect(portal_url(host=host, path=f"/enter/?token={token}"))


urlpatterns: list[URLPattern] = [path("hand-over/", hand_over, name="hand_over")]
