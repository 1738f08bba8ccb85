"""Who may see what on which host, asked on every request.

Staff read a customer's pages in a support access alone: what it does not allow is refused here, for every view.

A session is worth something only where it was made. On a customer's host every page needs a membership of that
customer, unless its view says `login_not_required`; so a page that somebody adds is closed until it is opened.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from tenants.isolation.context import current_context
from tenants.members.selectors import membership_of, workspace_exists
from tenants.members.services import support_visit_record
from tenants.members.sessions import BACK_OFFICE, PUBLIC, session_place
from tenants.members.support import SupportReader, reader_of
from tenants.models import CustomerState, Membership

GetResponse = Callable[[HttpRequest], HttpResponse]
View = TypeVar("View", bound=Callable[..., HttpResponse])


class SessionPlaceMiddleware:
    """After authentication: on every other host than its own a session is nobody's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        # Lazy, so that a page that asks for nobody costs no query.
        request.user = cast(Any, SimpleLazyObject(lambda: user if _holds_here(request) else AnonymousUser()))
        return self.get_response(request)


class MembershipMiddleware:
    """Last: on a customer's host `request.membership` is a member's or a SupportReader, or the view is not reached."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _on_customers_host(request):
            # Mail stands on these pages: nothing keeps a copy.
            add_never_cache_headers(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """None lets the view go on."""
        if not _on_customers_host(request):
            return None
        membership = _membership(request)
        request.membership = membership  # type: ignore[attr-defined]  # MemberRequest
        if not getattr(view, "login_required", True):
            return None
        if membership is not None:
            if not _may_be_shown(view, membership):
                return render(request, "members/not_ready.html", {"customer": membership.tenant})
            return _support_refusal(request, membership) if isinstance(membership, SupportReader) else None
        if request.user.is_authenticated:
            return render(request, "members/not_a_member.html", {"host": request.get_host()}, status=403)
        return _to_sign_in(request)


def workspace_not_required(view: View) -> View:
    """Marks a view that reads no table of the customer's schema: it is there while the customer is being set up."""
    view.workspace_not_required = True  # type: ignore[attr-defined]
    return view


def _may_be_shown(view: Callable[..., HttpResponse], membership: Membership | SupportReader) -> bool:
    customer = membership.tenant
    if getattr(view, "workspace_not_required", False):
        return customer.state not in (CustomerState.OFFBOARDING, CustomerState.CLOSED)
    return workspace_exists(customer=customer)


def _on_customers_host(request: HttpRequest) -> bool:
    return getattr(request, "urlconf", None) == settings.TENANT_URLCONF


def _holds_here(request: HttpRequest) -> bool:
    context, place = current_context(), session_place(request)
    if _on_customers_host(request):
        return context is not None and place == str(context.tenant_id)
    on_public_host = getattr(request, "urlconf", None) == settings.PUBLIC_SCHEMA_URLCONF
    return place == (PUBLIC if on_public_host else BACK_OFFICE)


def _membership(request: HttpRequest) -> Membership | SupportReader | None:
    user, context = request.user, current_context()
    if not user.is_authenticated or context is None or context.tenant_id is None:
        return None
    if user.is_staff:
        return reader_of(request, customer_id=context.tenant_id)
    return membership_of(user_id=user.pk, customer_id=context.tenant_id)


def _support_refusal(request: HttpRequest, reader: SupportReader) -> HttpResponse | None:
    """A refusal of what changes something or is not for support; else None, and the page stands in the record."""
    page = request.resolver_match.url_name if request.resolver_match else None
    if request.method not in ("GET", "HEAD") or page not in settings.SUPPORT_PAGES:
        return render(request, "members/support_read_only.html", {"customer": reader.tenant}, status=403)
    support_visit_record(access=reader.access, path=request.path)
    return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    # What was to be sent is lost with the session; the page from which it came is not.
    path = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    address = f"{settings.LOGIN_URL}?{urlencode({'next': path})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": f"{settings.LOGIN_URL}?next=/"})
    return HttpResponseRedirect(address)
