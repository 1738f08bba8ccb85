"""Prices, and what was used and what it cost: rows to look at; only prices are added by hand."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from agents.words import usd
from billing.days import day_of
from billing.models import BudgetAlert, CostEntry, LossAlert, Price, UsageRecord
from openclaw_site.admin.readonly import ReadOnlyAdmin

_MICRO = 1_000_000


class PriceForm(forms.ModelForm):
    """A price."""

    class Meta:
        model = Price
        fields = ("code", "region", "unit", "usd", "per", "valid_from", "source")


@admin.register(Price)
class PriceAdmin(ModelAdmin):
    """What things cost us. A price that has come into force stays: a newer one gets a row of its own."""

    form = PriceForm
    list_display = ("code", "region", "amount", "unit", "valid_from", "source")
    list_filter = ("region", "valid_from")
    search_fields = ("code", "source")

    @admin.display(description="US dollars", ordering="usd")
    def amount(self, price: Price) -> str:
        """As the price list says it."""
        number = f"{price.usd.normalize():f}"
        return f"{number} for {price.per:,}" if price.per > 1 else number

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        """Not once it is in force, as costs may have been derived by it."""
        return super().has_change_permission(request, obj) and (obj is None or _is_ahead(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        """Not once it is in force."""
        return super().has_delete_permission(request, obj) and obj is not None and _is_ahead(obj)


def _is_ahead(price: Price) -> bool:
    return price.valid_from > day_of(timezone.now())


class CustomersRowsAdmin(ReadOnlyAdmin):
    """Rows of customers that services wrote."""

    list_select_related = ("tenant",)
    search_fields = ("tenant__name", "tenant__slug")

    @admin.display(description="Customer", ordering="tenant__name", empty_value="(nobody)")
    def customer(self, row: Any) -> str | None:
        """Whose it is."""
        return row.tenant.name if row.tenant else None

    @admin.display(description="Month", ordering="month")
    def its_month(self, row: Any) -> str:
        """As November 2026."""
        return f"{row.month:%B %Y}"


@admin.register(UsageRecord)
class UsageRecordAdmin(CustomersRowsAdmin):
    """What was used."""

    date_hierarchy = "day"
    list_display = ("day", "customer", "kind", "quantity", "source")
    list_filter = ("kind",)
    search_fields = (*CustomersRowsAdmin.search_fields, "source")


@admin.register(CostEntry)
class CostEntryAdmin(CustomersRowsAdmin):
    """What it cost."""

    date_hierarchy = "day"
    list_display = ("day", "customer", "kind", "cost")
    list_filter = ("kind",)

    @admin.display(description="US dollars", ordering="micro_usd")
    def cost(self, entry: CostEntry) -> str:
        """To the millionth, as a day's parts are small."""
        return f"{entry.micro_usd / _MICRO:,.6f}"


@admin.register(BudgetAlert)
class BudgetAlertAdmin(CustomersRowsAdmin):
    """Budgets that are being spent."""

    list_display = ("its_month", "customer", "threshold_percent", "spent", "created_at", "mailed_at")
    list_filter = ("month", "threshold_percent")

    @admin.display(description="Spent then", ordering="spent_micro_usd")
    def spent(self, alert: BudgetAlert) -> str:
        """Of the budget, in US dollars."""
        return f"{usd(alert.spent_micro_usd)} of {usd(alert.budget_micro_usd)}"


@admin.register(LossAlert)
class LossAlertAdmin(CustomersRowsAdmin):
    """Customers that cost more than they pay."""

    list_display = ("its_month", "customer", "forecast", "created_at", "mailed_at")
    list_filter = ("month",)

    @admin.display(description="Expected then")
    def forecast(self, alert: LossAlert) -> str:
        """Cost against revenue, in US dollars."""
        return f"costs {usd(alert.forecast_micro_usd)}, pays {usd(alert.revenue_micro_usd)}"
