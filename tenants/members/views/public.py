"""Sign-in on the public host, and the way from there to a customer's host."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, LoginView, PasswordResetConfirmView
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tenants.members.addresses import portal_url
from tenants.members.errors import NotAMember
from tenants.members.forms import PasswordAskForm, PasswordForm, SignInForm
from tenants.members.selectors import belongings_of
from tenants.members.services import handover_issue, password_ask
from tenants.members.sessions import PUBLIC, sign_in
from tenants.members.throttle import password_ask as password_ask_counted
from tenants.members.views.portal import LEAVE_SALT, LEAVE_SECONDS
from tenants.models import User
from tenants.selectors import customer_by_host


class SignInView(LoginView):
    """E-mail address and password; then on to where the person came from, or to their customers."""

    template_name = "members/sign_in.html"
    authentication_form = SignInForm
    extra_context = {"section": "sign_in"}
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """Where to, when the person came from nowhere in particular."""
        return reverse("belongings")

    def form_valid(self, form: Any) -> HttpResponse:
        """The session holds on the public host."""
        sign_in(self.request, form.get_user(), place=PUBLIC)
        return HttpResponseRedirect(self.get_success_url())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """POST ends the session here; so does GET with a token, with which a customer's host sends its people on."""
    if request.user.is_authenticated and (request.method == "POST" or _was_sent_by_portal(request)):
        logout(request)
    return render(request, "members/signed_out.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Asks for an address; says the same whether or not somebody has it."""
    form = PasswordAskForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "members/password_ask.html", {"form": form}, status=422 if form.errors else 200)
    email = form.cleaned_data["email"]
    if not password_ask_counted(request, email=email):
        return render(request, "members/password_ask.html", {"form": form, "throttled": True}, status=429)
    password_ask(email=email)
    return render(request, "members/password_asked.html", {"email": email})


@method_decorator(never_cache, name="dispatch")
class PasswordSetView(PasswordResetConfirmView):
    """The page behind the mailed link. Whoever sets a password there is signed in."""

    template_name = "members/password_set.html"
    form_class = PasswordForm
    success_url = reverse_lazy("belongings")

    def get_user(self, uidb64: str) -> Any:
        """Nobody, if the person is staff or was deactivated: then the page says that the link does not hold."""
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active and not user.is_staff else None

    def render_to_response(self, context: dict[str, Any], **response: Any) -> HttpResponse:
        """A link that does not hold is gone, to whatever else looks at it."""
        return super().render_to_response(context, **{"status": 200 if context["validlink"] else 410, **response})

    def form_valid(self, form: Any) -> HttpResponse:
        """The password is set, the link has ended, and the session holds on the public host."""
        user = form.save()
        self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, None)
        sign_in(self.request, user, place=PUBLIC)
        return HttpResponseRedirect(str(self.success_url))


@never_cache
@require_safe
@login_required
def belongings(request: HttpRequest) -> HttpResponse:
    """Which customers the person belongs to; with one, straight on to it."""
    found = belongings_of(user_id=cast(User, request.user).pk)
    customers = [{"name": one.name, "url": portal_url(host=one.host, path=settings.LOGIN_URL)} for one in found]
    if len(customers) == 1:
        return redirect(customers[0]["url"])
    values = {"customers": customers, "admin_url": settings.ADMIN_BASE_URL}
    return render(request, "members/belongings.html", values)


@never_cache
@require_safe
@login_required
def hand_over(request: HttpRequest) -> HttpResponse:
    """On to the customer's host that sent the browser here, with a token; a page that says why not, otherwise."""
    host, browser = request.GET.get("host", "").lower(), request.GET.get("browser", "")
    customer_id = customer_by_host(host=host)
    if customer_id is None:
        return render(request, "errors/no_such_customer.html", {"public_url": settings.PUBLIC_BASE_URL}, status=404)
    user = cast(User, request.user)
    try:
        path = request.GET.get("next", "/")
        token = handover_issue(user=user, customer_id=customer_id, browser=browser, path=path)
    except NotAMember:
        return render(request, "members/not_a_member.html", {"host": host}, status=403)
    return redirect(portal_url(host=host, path=f"/enter/?token={token}"))


def _was_sent_by_portal(request: HttpRequest) -> bool:
    try:
        leaving = signing.loads(request.GET.get("token", ""), salt=LEAVE_SALT, max_age=LEAVE_SECONDS)
    except signing.BadSignature:
        return False
    return bool(leaving == request.user.pk)
