"""People who sign in, their sign-in, and the groups of staff. Only superusers change any of it; all of it is logged."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from openclaw_site.admin.acting import log, staff
from openclaw_site.admin.members import last_owners
from openclaw_site.staff.authenticators import authenticator_reset, is_enrolled, recovery_codes_left
from openclaw_site.staff.groups import GROUPS
from tenants.members.services import access_revoke
from tenants.models import Membership, User

RESET = "mfa.delete_authenticator"
# A change of any of these ends the person's sessions: what they may do is looked at anew.
RIGHTS = frozenset({"is_active", "is_staff", "is_superuser", "groups", "user_permissions"})

admin.site.unregister(Group)


class SuperusersOnly(ModelAdmin):
    """Whoever has the permission may look; changing is for superusers, whatever groups say."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


class StaffCreationForm(BaseUserCreationForm):
    """A person by e-mail address."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).strip().lower()


class PersonForm(UserChangeForm):
    """A person. The link to the password's form can be told from the text around it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].help_text = format_html(
                '<a class="underline" href="{}">Set a new password</a>, which ends all sessions.', "../password/"
            )


@admin.register(User)
class UserAdmin(SuperusersOnly, DjangoUserAdmin):
    """People who sign in."""

    form = PersonForm
    add_form = StaffCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups")
    search_fields = ("email", "first_name", "last_name")
    readonly_fields = ("sign_in",)
    filter_horizontal = ()  # Two boxes side by side need more room than a page has.
    fieldsets = (
        (None, {"fields": ("email", "password", "sign_in")}),
        ("Person", {"fields": ("first_name", "last_name")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)

    @display(description="Sign-in")
    def sign_in(self, user: User) -> SafeString:
        enrolled = "Has an authenticator." if is_enrolled(user=user) else "Has no authenticator."
        address = reverse("admin:tenants_user_sign_in", args=[user.pk])
        return format_html('{} <a class="underline" href="{}">Reset it, or sign out everywhere</a>', enrolled, address)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Whose rights changed is signed out on every host."""
        super().save_related(request, form, formsets, change)
        if change and RIGHTS & set(form.changed_data):
            access_revoke(user=form.instance)
            if form.instance.is_staff or not form.instance.is_active:
                for line in last_owners(Membership.objects.filter(user=form.instance)):
                    messages.warning(request, line)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """All of them, or none where a customer would lose its last owner with them."""
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        theirs = Membership.objects.filter(user__in=[one.pk for one in objs])
        return deleted, counts, missing, [*protected, *last_owners(theirs)]

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Their support accesses end with them; the record stays."""
        access_revoke(user=obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """As one by one."""
        for user in queryset:
            self.delete_model(request, user)

    def get_urls(self) -> list[URLPattern]:
        """A person's sign-in."""
        view = self.admin_site.admin_view(self.sign_in_view)
        return [path("<int:user_id>/sign-in/", view, name="tenants_user_sign_in"), *super().get_urls()]

    def sign_in_view(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """POST resets the authenticator, or ends all sessions. One's own is reset by a colleague only."""
        if not self.has_view_permission(request) or not request.user.has_perm(RESET):
            raise PermissionDenied
        user = get_object_or_404(User, pk=user_id)
        may_act = user.pk != request.user.pk and (bool(request.user.is_superuser) or not user.is_superuser)
        if request.method == "POST":
            if not may_act:
                raise PermissionDenied
            _act(request, user)
            return redirect("admin:tenants_user_sign_in", user.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Sign-in of {user.email}",
            "opts": self.opts,
            "original": user,
            "person": user,
            "is_enrolled": is_enrolled(user=user),
            "left": recovery_codes_left(user=user),
            "may_act": may_act,
            "is_self": user.pk == request.user.pk,
        }
        return TemplateResponse(request, "admin/staff/person.html", context)


def _act(request: HttpRequest, user: User) -> None:
    if "reset" in request.POST:
        done = "Reset the authenticator and signed out everywhere."
        if not authenticator_reset(user=user):
            messages.info(request, f"{user.email} has no authenticator.")
            return
    else:
        done = "Signed out everywhere."
        access_revoke(user=user)
    log(request, user, done)
    messages.success(request, f"{user.email}: {done}")


@admin.register(Group)
class GroupAdmin(SuperusersOnly, DjangoGroupAdmin):
    """What groups of staff may do. Those of the table in `openclaw_site.staff.groups` are kept as it says."""

    filter_horizontal = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request) and (obj is None or obj.name not in GROUPS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request) and (obj is None or obj.name not in GROUPS)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """None of ours is deleted from the list either."""
        if any(one.name in GROUPS for one in objs):
            raise PermissionDenied
        return super().get_deleted_objects(objs, request)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        """Members of a group whose permissions changed are signed out: what they may do is looked at anew."""
        super().save_related(request, form, formsets, change)
        if change and "permissions" in form.changed_data:
            _revoke_members(request, form.instance)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        """As with its permissions."""
        _revoke_members(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        """As one by one."""
        for group in queryset:
            self.delete_model(request, group)


def _revoke_members(request: HttpRequest, group: Group) -> None:
    for user in User.objects.filter(groups=group).exclude(pk=staff(request).pk):
        access_revoke(user=user)
