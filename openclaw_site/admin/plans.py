"""What can be bought."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from unfold.admin import ModelAdmin
from unfold.decorators import display

from billing.models import Plan
from billing.money import format_money
from tenants.models import Customer


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
        help_texts = {
            "is_active": "Whether new customers can have it. Untick it to take the plan off the market: none is ever "
            "deleted, and who has it keeps its terms."
        }


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

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Nothing is deleted; the plan's page says why, and what to do instead."""
        plan = get_object_or_404(Plan, pk=object_id)
        if not request.user.has_perm("billing.delete_plan"):
            raise PermissionDenied
        having = Customer.objects.filter(plan=plan.pk).count()
        why = f"{having} customer{'s go' if having != 1 else ' goes'} by it" if having else "invoices may name it"
        told = f"{plan} is not deleted: {why}. Untick “Is active” to sell it no more; who has it keeps it."
        messages.error(request, told)
        return redirect("admin:billing_plan_change", plan.pk)
