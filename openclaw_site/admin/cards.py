"""What Stripe told us, and what of it needs a look."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from billing import services
from billing.models import PaymentEvent
from openclaw_site.admin.readonly import ReadOnlyAdmin

_COLOURS = {"done": "success", "waits": "info", "needs a look": "danger"}


class StandingFilter(admin.SimpleListFilter):
    """Those that need a look, or wait."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("look", "Needs a look"), ("waits", "Waits")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PaymentEvent]) -> QuerySet[PaymentEvent]:
        if self.value() == "look":
            return queryset.exclude(problem="")
        return queryset.filter(done_at=None) if self.value() == "waits" else queryset


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnlyAdmin):
    """Messages of Stripe's: which object they are about. What stands there is asked for when one is carried out."""

    list_display = ("kind", "object_ref", "happened_at", "standing", "problem")
    list_filter = (StandingFilter, "kind")
    search_fields = ("id", "object_ref")
    date_hierarchy = "happened_at"
    actions = ("carry_out_again",)
    fields = ("id", "kind", "object_ref", "happened_at", "received_at", "tries", "done_at", "problem")

    @display(description="Standing", label=_COLOURS)
    def standing(self, event: PaymentEvent) -> str:
        if event.done_at is None:
            return "waits"
        return "needs a look" if event.problem else "done"

    def has_carry_out_permission(self, request: HttpRequest) -> bool:
        """Whoever may change what is about money."""
        return request.user.has_perm("billing.change_paymentevent")

    @admin.action(description="Carry out again", permissions=["carry_out"])
    def carry_out_again(self, request: HttpRequest, queryset: QuerySet[PaymentEvent]) -> None:
        """Once what was wrong is put right."""
        count = services.card_events_again(event_ids=list(queryset.values_list("pk", flat=True)))
        messages.success(request, f"{count} carried out again. Look at the list in a moment.")
