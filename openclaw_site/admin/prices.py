"""Prices, and what was used and what it cost: rows to look at; only prices are added by hand."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from agents.words import usd
from billing.days import day_of
from billing.models import BudgetAlert, CostEntry, LossAlert, Price, UsageRecord
from openclaw_site.admin.readonly import ReadOnlyAdmin


class PriceForm(forms.ModelForm):
    """A price."""

    class Meta:
        model = Price
        fields = ("code", "region", "unit", "usd", "per", "valid_from", "source")


@admin.register(Price)
class PriceAdmin(ModelAdmin):
    """What things cost us. A price that has come into force stays: a newer one gets a row of its own."""

    form = PriceForm
    list_display = ("code", "region", "usd", "per", "unit", "valid_from", "source")
    list_filter = ("region", "valid_from")
    search_fields = ("code", "source")

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        """Not once it is in force, as costs may have been derived by it."""
        return super().has_change_permission(request, obj) and (obj is None or _is_ahead(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        """Not once it is in force."""
        return super().has_delete_permission(request, obj) and obj is not None and _is_ahead(obj)


def _is_ahead(price: Price) -> bool:
    return price.valid_from > day_of(timezone.now())


_BY_CUSTOMER = ("tenant__name", "tenant__slug")


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
    """What was used."""

    date_hierarchy = "day"
    list_display = ("day", "tenant", "kind", "quantity", "source")
    list_filter = ("kind",)
    list_select_related = ("tenant",)
    search_fields = (*_BY_CUSTOMER, "source")


@admin.register(CostEntry)
class CostEntryAdmin(ReadOnlyAdmin):
    """What it cost."""

    date_hierarchy = "day"
    list_display = ("day", "tenant", "kind", "cost")
    list_filter = ("kind",)
    list_select_related = ("tenant",)
    search_fields = _BY_CUSTOMER

    @admin.display(description="Cost", ordering="micro_usd")
    def cost(self, entry: CostEntry) -> str:
        """In US dollars."""
        return usd(entry.micro_usd)


@admin.register(BudgetAlert)
class BudgetAlertAdmin(ReadOnlyAdmin):
    """Budgets that are being spent."""

    list_display = ("month", "tenant", "threshold_percent", "spent", "created_at", "mailed_at")
    list_filter = ("month", "threshold_percent")
    list_select_related = ("tenant",)
    search_fields = _BY_CUSTOMER

    @admin.display(description="Spent then", ordering="spent_micro_usd")
    def spent(self, alert: BudgetAlert) -> str:
        """Of the budget, in US dollars."""
        return f"{usd(alert.spent_micro_usd)} of {usd(alert.budget_micro_usd)}"


@admin.register(LossAlert)
class LossAlertAdmin(ReadOnlyAdmin):
    """Customers that cost more than they pay."""

    list_display = ("month", "tenant", "forecast", "created_at", "mailed_at")
    list_filter = ("month",)
    list_select_related = ("tenant",)
    search_fields = _BY_CUSTOMER

    @admin.display(description="Expected then")
    def forecast(self, alert: LossAlert) -> str:
        """Cost against revenue, in US dollars."""
        return f"costs {usd(alert.forecast_micro_usd)}, pays {usd(alert.revenue_micro_usd)}"
