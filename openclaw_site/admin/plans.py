"""What can be bought."""

from django import forms
from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.decorators import display

from billing.models import Plan
from billing.money import format_money


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
        "model_budget",
        "mail_retention_days",
        "is_active",
    )
    list_filter = ("is_active", "currency")
    search_fields = ("name", "code")

    @display(description="Model a month", ordering="model_budget_cents")
    def model_budget(self, plan: Plan) -> str:
        return format_money(plan.model_budget_cents, "USD")

    def get_readonly_fields(self, request: object, obj: Plan | None = None) -> tuple[str, ...]:
        """The code is fixed after the plan was made."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: object, obj: Plan | None = None) -> bool:
        """A plan is taken off the market by making it inactive: customers that have it keep its terms."""
        return False
