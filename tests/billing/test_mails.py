"""The mails about a subscription and its invoices: who gets them, what they say, and that they come once."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from billing import services, tasks
from billing.models import Notice, Subscription
from billing.services.invoices import invoice_mark_failed, invoice_mark_paid
from tenants.models import Membership
from tests.billing.buyers import invoices, make_subscription, on
from tests.factories import make_user

TRIAL_OVER = date(2026, 1, 10)
GRACE = timedelta(days=7)


@pytest.fixture(autouse=True)
def days(settings: Any) -> None:
    settings.INVOICE_DUE_DAYS, settings.SUBSCRIPTION_GRACE_DAYS, settings.TRIAL_WARN_DAYS = 14, 7, 3
    settings.INVOICE_SELLER = "OpenClaw Ltd\nIBAN XX00"


@pytest.fixture
def post(eager: None) -> Iterator[list[Any]]:
    """What was mailed since the test began."""
    del mail.outbox[:]
    yield mail.outbox


def owned(**fields: Any) -> tuple[Subscription, str]:
    """A subscription, and its owner's address; another member gets nothing."""
    subscription = make_subscription(trial_ends_on=TRIAL_OVER, **fields)
    owner = make_user()
    Membership.objects.create(tenant=subscription.tenant, user=owner, role="owner")
    Membership.objects.create(tenant=subscription.tenant, user=make_user(), role="member")
    return subscription, owner.email


def test_an_invoice_is_mailed_to_the_owners_and_to_where_invoices_go(post: list[Any]) -> None:
    subscription, owner = owned(billing_email="accounts@example.com")
    on(TRIAL_OVER, subscription)
    assert {letter.subject for letter in post} == {"Invoice 2026-000001 from OpenClaw"}
    assert sorted(letter.to for letter in post) == sorted([[owner], ["accounts@example.com"]])
    letter = post[0]
    for words in ("$500.00, to be paid by 24 January 2026", "with the number 2026-000001", "IBAN XX00", "/billing/inv"):
        assert words in letter.body
    assert "IBAN XX00" in letter.alternatives[0].content


def test_who_pays_by_card_is_asked_for_no_transfer(post: list[Any]) -> None:
    subscription, _ = owned(payment="stripe")
    on(TRIAL_OVER, subscription)
    [letter] = post
    assert "It is charged to your card." in letter.body
    assert "transfer" not in letter.body + letter.alternatives[0].content


def test_a_trial_s_end_a_warning_and_a_suspension_are_told_each_once(post: list[Any]) -> None:
    subscription, owner = owned(agreed=False)
    for day in (TRIAL_OVER - timedelta(days=3), TRIAL_OVER, TRIAL_OVER + timedelta(days=1), TRIAL_OVER + GRACE):
        on(day, subscription)
    assert [(letter.subject, letter.to) for letter in post] == [
        ("Your trial of OpenClaw ends on 10 January", [owner]),
        ("Your trial of OpenClaw is over", [owner]),
        (f"The agents of {subscription.tenant.name} have stopped", [owner]),
    ]
    assert "run on until 17 January 2026" in post[1].body
    assert "None" not in "".join(letter.body for letter in post)


def test_a_refused_card_is_told_with_what_to_do(post: list[Any]) -> None:
    subscription, owner = owned(payment="stripe")
    on(TRIAL_OVER, subscription)
    invoice_mark_failed(invoice=invoices(subscription)[0], failed_on=TRIAL_OVER)
    on(TRIAL_OVER, subscription)
    letter = post[-1]
    assert (letter.subject, letter.to) == ("Your card for OpenClaw was refused", [owner])
    for words in ("was refused on 10 January 2026", "Change the card", "17 January 2026", "/billing/"):
        assert words in letter.body
        assert words in letter.alternatives[0].content


def test_a_warning_that_waited_until_the_money_was_there_is_not_sent(eager: None, settings: Any) -> None:
    subscription, _ = owned()
    on(TRIAL_OVER, subscription)
    settings.EMAIL_BACKEND = "tests.billing.test_mails.Away"
    on(TRIAL_OVER + timedelta(days=15), subscription)
    assert Notice.objects.get().mailed_at is None
    invoice_mark_paid(invoice=invoices(subscription)[0], paid_on=TRIAL_OVER, paid_by=None)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    del mail.outbox[:]
    tasks.notice_mail_send(str(Notice.objects.get().pk))
    assert (mail.outbox, Notice.objects.get().mailed_at is not None) == ([], True)


def test_a_mail_that_could_not_be_sent_is_sent_by_the_sweep_and_then_no_more(
    eager: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "tests.billing.test_mails.Away"
    subscription, _ = owned()
    on(TRIAL_OVER, subscription)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    del mail.outbox[:]
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    for _ in range(2):
        for invoice_id in services.invoices_unmailed():
            tasks.invoice_mail_send(str(invoice_id))
        tasks.invoice_mail_send(str(invoices(subscription)[0].pk))
    assert [letter.subject for letter in mail.outbox] == ["Invoice 2026-000001 from OpenClaw"]


class Away:
    """A mail server that does not answer."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        del arguments, options

    def open(self) -> bool:
        raise ConnectionRefusedError

    def close(self) -> None:
        """Nothing was opened."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError
