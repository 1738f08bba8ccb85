"""What comes in every month from the subscriptions that are paid for now. Platform context."""

from django.db.models import Count, Sum

from billing.models import Subscription, SubscriptionState
from billing.money import format_money

PAYING = (SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE)


def recurring_revenue() -> list[str]:
    """The month's price of all that is paid for, a line a currency, the largest first; trials bring nothing yet."""
    paid = Subscription.objects.filter(state__in=PAYING).order_by()
    sums = paid.values_list("plan__currency").annotate(total=Sum("plan__price_cents")).order_by("-total")
    return [format_money(total, currency) for currency, total in sums]


def subscriptions_by_state() -> dict[str, int]:
    """How many subscriptions are in each state; states without any are left out."""
    return dict(Subscription.objects.order_by().values_list("state").annotate(Count("pk")))
