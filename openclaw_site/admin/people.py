"""Staff, groups, and what billing offers."""

from allauth.account import admin as _account_admin  # noqa: F401 (registers what is taken away below)
from allauth.account.models import EmailAddress
from allauth.socialaccount import admin as _socialaccount_admin  # noqa: F401
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from billing.models import Plan
from tenants.models import User

# Groups get their page below; allauth's tables stay empty, so nobody has to see them.
for model in (Group, EmailAddress, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(model)


class StaffCreationForm(BaseUserCreationForm):
    """A person by e-mail address."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).strip().lower()


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """People who sign in."""

    form = UserChangeForm
    add_form = StaffCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "first_name", "last_name")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("first_name", "last_name")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """What groups of staff may do."""


class PlanForm(forms.ModelForm):
    """A plan; its code can't change once customers carry it."""

    class Meta:
        model = Plan
        fields = (
            "code",
            "name",
            "price_cents",
            "currency",
            "trial_days",
            "run_interval_minutes",
            "model_budget_cents",
            "mail_retention_days",
            "members_limit",
            "is_active",
        )


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """What can be bought."""

    form = PlanForm
    list_display = (
        "name",
        "code",
        "price",
        "trial_days",
        "run_interval_minutes",
        "model_budget_cents",
        "mail_retention_days",
        "is_active",
    )
    list_filter = ("is_active", "currency")
    search_fields = ("name", "code")

    def get_readonly_fields(self, request: object, obj: Plan | None = None) -> tuple[str, ...]:
        """The code is fixed after the plan was made."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: object, obj: Plan | None = None) -> bool:
        """A plan is taken off the market by making it inactive: customers that have it keep its terms."""
        return False
