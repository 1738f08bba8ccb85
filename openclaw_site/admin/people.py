"""What billing offers; allauth's tables, which nobody has to see."""

from allauth.account import admin as _account_admin  # noqa: F401 (registers what is taken away below)
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _mfa_admin  # noqa: F401
from allauth.mfa.models import Authenticator
from allauth.socialaccount import admin as _socialaccount_admin  # noqa: F401
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin
from unfold.admin import ModelAdmin

from billing.models import Plan

# Those of accounts stay empty; an authenticator is reset on its person's page.
for model in (EmailAddress, SocialAccount, SocialApp, SocialToken, Authenticator):
    admin.site.unregister(model)


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
            "run_hours",
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
        "run_hours",
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
