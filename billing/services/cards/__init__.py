"""Customers who pay by card: their way to Stripe's pages, both sides brought together, and what Stripe tells."""

from billing.services.cards.accounts import card_account_follow, card_accounts_behind
from billing.services.cards.events import (
    card_event_apply,
    card_event_take,
    card_events_again,
    card_events_replay,
    card_events_waiting,
    card_traces_forget,
)
from billing.services.cards.visits import card_visit_answer, card_visit_begin

__all__ = [
    "card_account_follow",
    "card_accounts_behind",
    "card_event_apply",
    "card_event_take",
    "card_events_again",
    "card_events_replay",
    "card_events_waiting",
    "card_traces_forget",
    "card_visit_answer",
    "card_visit_begin",
]
