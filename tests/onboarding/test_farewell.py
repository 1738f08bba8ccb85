"""Those who owned an account are told that it is closed: once each, whatever is away, and nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from kombu.exceptions import OperationalError

from openclaw_site.celery import app
from tenants.members.tasks import closed_mail_send, closed_mails_sweep
from tenants.models import (
    ClosingMail,
    Customer,
    CustomerState,
    Membership,
    Provisioning,
    ProvisioningState,
    ProvisioningStep,
)
from tenants.services import customer_close
from tests.factories import make_customer, make_staff, make_user
from tests.onboarding.runs import onboard, walk

pytestmark = pytest.mark.usefixtures("platform")


def owned() -> Customer:
    """A customer that stands, with two owners, a member, and owners who have no way in."""
    customer, run = onboard()
    assert walk(run) == ProvisioningState.DONE
    people = {
        "anna@harborline.example": "owner", "ben@harborline.example": "owner", "carla@harborline.example": "member",
    }  # fmt: skip
    for email, role in people.items():
        Membership.objects.create(tenant=customer, user=make_user(email=email), role=role)
    for user in (make_user(is_active=False), make_staff()):
        Membership.objects.create(tenant=customer, user=user, role="owner")
    return customer


@pytest.fixture
def closing() -> tuple[Customer, Provisioning]:
    """Its closing has begun, and nothing of it is done."""
    customer = owned()
    return customer, customer_close(customer=customer, actor=None)


def addressees() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def lost(customer: Customer) -> None:
    """As if the mail had been due a while ago."""
    Customer.objects.filter(pk=customer.pk).update(closed_at=timezone.now() - timedelta(minutes=11))


def test_owners_are_told_once_also_when_they_were_removed_meanwhile(
    closing: tuple[Customer, Provisioning], eager: None
) -> None:
    customer, run = closing
    assert customer_close(customer=customer, actor=None) == run
    Membership.objects.filter(tenant=customer).delete()
    assert walk(run) == ProvisioningState.DONE
    assert addressees() == ["anna@harborline.example", "ben@harborline.example"]
    for one in ClosingMail.objects.all():
        closed_mail_send.delay(str(one.pk))
    lost(customer)
    closed_mails_sweep.delay()
    assert len(mail.outbox) == 2


def test_before_all_is_gone_nobody_is_told(closing: tuple[Customer, Provisioning], eager: None) -> None:
    for one in ClosingMail.objects.all():
        closed_mail_send.delay(str(one.pk))
    closed_mails_sweep.delay()
    assert addressees() == []


def test_without_a_broker_the_account_is_closed_all_the_same_and_the_sweep_tells(
    closing: tuple[Customer, Provisioning], monkeypatch: pytest.MonkeyPatch, eager: None
) -> None:
    customer, run = closing

    def no_broker(*arguments: Any) -> None:
        raise OperationalError("no broker")

    with monkeypatch.context() as patch:
        patch.setattr(closed_mail_send, "delay", no_broker)
        assert walk(run) == ProvisioningState.DONE
    assert Customer.objects.get(pk=customer.pk).state == CustomerState.CLOSED
    closed_mails_sweep.delay()
    assert addressees() == []
    lost(customer)
    for _ in range(2):
        closed_mails_sweep.delay()
    assert addressees() == ["anna@harborline.example", "ben@harborline.example"]


def test_a_mail_server_that_is_away_costs_no_mail(
    closing: tuple[Customer, Provisioning], settings: Any, eager: None
) -> None:
    customer, run = closing
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    assert walk(run) == ProvisioningState.DONE
    assert set(ClosingMail.objects.values_list("mailed_at", flat=True)) == {None}
    assert app.conf.beat_schedule["send-lost-closing-mails"]["task"] == closed_mails_sweep.name
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    lost(customer)
    closed_mails_sweep.delay()
    assert len(addressees()) == 2


@pytest.mark.parametrize(
    ("found", "said", "unsaid"),
    [
        ({}, [], ["Gmail", "messages"]),
        ({"gmail_secret": {"outbox_rows": 1, "revoked_at_google": True}}, ["was given back to Google"], ["erased"]),
        (
            {
                "schema": {"schema": "t_x", "rows": {"leads": 41}},
                "gmail_secret": {
                    "revoked_at_google": False, "secret": "/openclaw/x", "deletes_at": "2026-12-03T09:00:00+00:00",
                },
            },
            ["messages, leads, drafts", "look at Google, too", "erased for good on 3 December 2026"],
            ["41", "/openclaw/", "t_x", "another customer", "given back"],
        ),
    ],
)  # fmt: skip
def test_the_mail_says_what_became_of_the_account_and_nothing_else(
    found: dict[str, Any], said: list[str], unsaid: list[str], settings: Any, eager: None
) -> None:
    settings.CONTACT_EMAIL = "help@openclaw.example"
    closed_at = datetime(2026, 11, 26, 23, 59, tzinfo=UTC)
    customer = make_customer(name="A <b>&</b> Co", slug="gone", state="closed", closed_at=closed_at)
    run = Provisioning.objects.create(tenant=customer, kind="offboard", state="done")
    for position, (name, its) in enumerate(found.items()):
        ProvisioningStep.objects.create(tenant=customer, provisioning=run, position=position, name=name, found=its)
    ClosingMail.objects.create(tenant=customer, email="anna@gone.example")
    closed_mail_send.delay(str(ClosingMail.objects.get().pk))
    [message] = mail.outbox
    page = message.alternatives[0][0]
    assert (message.to, message.subject) == (["anna@gone.example"], "The account of A <b>&</b> Co is closed")
    assert "A &lt;b&gt;&amp;&lt;/b&gt; Co was closed on 26 November 2026" in page
    for words in ["closed on 26 November 2026", "gone.localhost", "invoices", "help@openclaw.example", *said]:
        assert words in message.body and words in page, words
    for words in [*unsaid, customer.email]:
        assert words not in message.body and words not in page, words
