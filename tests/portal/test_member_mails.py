"""Mails that members choose: the brief once a morning of theirs, a hot lead once, and nothing of them elsewhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from agents.models import Agent
from agents.workspace.models import Brief, Lead
from agents.workspace.services import customers_to_mail, member_mail_send, member_mails_claim
from agents.workspace.tasks import members_mail
from openclaw_site.celery import app
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import Customer, MemberMail, Membership, User
from tests.portal.factories import make_brief, make_lead
from tests.portal.test_team import at_once
from tests.portal.visitors import make_member, membership_of

BERLIN = "Europe/Berlin"
MORNING = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)


@pytest.fixture
def ben(customer: Customer) -> User:
    """A member in Berlin who wants both."""
    user = make_member(customer, email="ben@harborline.example")
    wish(user, brief_since=MORNING - timedelta(days=30), hot_leads_since=MORNING - timedelta(days=30), time_zone=BERLIN)
    return user


def wish(user: User, **fields: Any) -> None:
    with enter_platform():
        Membership.objects.filter(user=user).update(**fields)


def brief(customer: Customer, body: str, *, at: datetime) -> Brief:
    made = make_brief(customer, body=body, day=at.date())
    with enter_customer(customer.id):
        Brief.objects.filter(id=made.id).update(updated_at=at)
    return made


def lead(customer: Customer, score: int, *, at: datetime = MORNING, **fields: Any) -> Lead:
    made = make_lead(customer, score=score, **fields)
    with enter_customer(customer.id):
        Lead.objects.filter(id=made.id).update(updated_at=at)
    return made


def sent(customer: Customer, now: datetime) -> list[str]:
    """The subjects of what a round at this moment sends."""
    before = len(mail.outbox)
    with enter_customer(customer.id):
        for mail_id in member_mails_claim(customer_id=customer.id, now=now):
            member_mail_send(mail_id=mail_id)
    return [letter.subject for letter in mail.outbox[before:]]


def test_brief_comes_once_in_the_morning_of_the_member(customer: Customer, ben: User) -> None:
    brief(customer, "Two people want a roof.", at=MORNING - timedelta(hours=2))
    assert sent(customer, MORNING.replace(hour=5, minute=59)) == [], "06:59 in Berlin"
    [subject] = sent(customer, MORNING.replace(hour=6, minute=0))
    assert subject == "Harborline: the brief of 26 November"
    assert sent(customer, MORNING) == []
    assert sent(customer, MORNING + timedelta(hours=20)) == []
    [letter] = mail.outbox
    assert letter.to == [ben.email]
    assert "Two people want a roof." in letter.body
    assert "Two people want a roof." in letter.alternatives[0][0]
    assert f"//{customer.host}" in letter.body
    assert "/mail/" in letter.body, "the way to have no more of them"


def test_no_brief_after_the_morning_and_none_without_news(customer: Customer, ben: User) -> None:
    brief(customer, "Old.", at=MORNING - timedelta(hours=30))
    assert sent(customer, MORNING) == []
    brief(customer, "New.", at=MORNING - timedelta(hours=3))
    assert sent(customer, MORNING.replace(hour=11)) == [], "12:00 in Berlin"


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (BERLIN, datetime(2026, 3, 29, tzinfo=UTC)),
        (BERLIN, datetime(2026, 10, 25, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 12, 1, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
def test_one_brief_a_day_whatever_the_clocks_do(customer: Customer, ben: User, zone: str, day: datetime) -> None:
    wish(ben, time_zone=zone, brief_since=day - timedelta(days=30))
    for offset in (-2, -1, 0, 1):
        brief(customer, "News.", at=day + timedelta(days=offset, hours=3))
    subjects = [subject for hour in range(-24, 48) for subject in sent(customer, day + timedelta(hours=hour))]
    assert len(subjects) == 3


@pytest.mark.parametrize(
    ("written", "morning", "mails"),
    [
        # The day that begins has 25 hours, and what was written after the last mail is not too old for the next.
        ("2026-10-24T07:05", "2026-10-25T07:00", 1),
        ("2026-11-24T07:05", "2026-11-25T07:00", 1),
        # 23 hours: what was told is not told again.
        ("2026-03-28T06:55", "2026-03-29T07:00", 0),
        ("2026-11-24T06:55", "2026-11-25T07:00", 0),
    ],
)
def test_brief_of_the_day_before_is_told_once_over_a_change_of_the_clocks(
    customer: Customer, ben: User, written: str, morning: str, mails: int
) -> None:
    by_bens_clock = [datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)) for text in (written, morning)]
    wish(ben, brief_since=datetime(2026, 1, 1, tzinfo=UTC))
    brief(customer, "News.", at=by_bens_clock[0])
    assert len(sent(customer, by_bens_clock[1].astimezone(UTC))) == mails


@pytest.mark.parametrize("by_hand", [True, False])
def test_morning_is_that_of_the_agents_where_the_member_chose_none(
    customer: Customer, ben: User, by_hand: bool
) -> None:
    wish(ben, time_zone="")
    brief(customer, "News.", at=MORNING - timedelta(hours=8))
    at = datetime(2026, 11, 26, 13, 30, tzinfo=UTC)
    assert sent(customer, at) == [], "13:30 in UTC"
    with enter_platform():
        Agent.objects.create(tenant=customer, role="butler", office_hours_in="America/New_York" if by_hand else "")
        Customer.objects.update(time_zone="Asia/Tokyo" if by_hand else "America/New_York")
    assert len(sent(customer, at)) == 1, "08:30 in New York"


def test_hot_lead_is_told_once_whatever_becomes_of_it(customer: Customer, ben: User, settings: Any) -> None:
    settings.HOT_LEAD_SCORE = 80
    lead(customer, 79, name="Cold")
    hot = lead(customer, 80, name="Mia Hot", intent="A new roof")
    night = MORNING.replace(hour=1)
    assert sent(customer, night) == ["Harborline: a new hot lead"]
    [letter] = mail.outbox
    assert "Mia Hot" in letter.body
    assert "A new roof" in letter.alternatives[0][0]
    assert f"/leads/{hot.id}/" in letter.body
    with enter_customer(customer.id):
        Lead.objects.filter(id=hot.id).update(score=99, updated_at=night + timedelta(hours=1))
    assert sent(customer, night + timedelta(hours=2)) == []


def test_lead_that_becomes_hot_later_is_told_then(customer: Customer, ben: User) -> None:
    found = lead(customer, 50)
    assert sent(customer, MORNING.replace(hour=1)) == []
    with enter_customer(customer.id):
        Lead.objects.filter(id=found.id).update(score=95)
    assert len(sent(customer, MORNING.replace(hour=1))) == 1


def test_who_begins_to_want_mails_is_not_told_of_old_leads(customer: Customer, ben: User) -> None:
    lead(customer, 95, at=MORNING - timedelta(hours=1))
    wish(ben, hot_leads_since=MORNING - timedelta(minutes=5))
    assert sent(customer, MORNING.replace(hour=12)) == []


def test_a_flood_of_hot_leads_is_ten_mails_a_day(customer: Customer, ben: User) -> None:
    now = timezone.now()
    wish(ben, brief_since=None, hot_leads_since=now - timedelta(days=1))
    for _ in range(12):
        lead(customer, 95, at=now)
    assert len(sent(customer, now)) == 10
    assert sent(customer, now) == []


def test_mail_in_the_data_can_write_no_header_and_no_html(customer: Customer, ben: User) -> None:
    lead(customer, 95, name="<b>x</b>\nBcc: evil@x.example", company="<script>alert(1)</script>")
    sent(customer, MORNING.replace(hour=1))
    [letter] = mail.outbox
    assert "<script>" not in letter.alternatives[0][0]
    assert (letter.to, letter.bcc) == ([ben.email], [])


def test_workers_that_run_at_once_send_one(customer: Customer, ben: User) -> None:
    lead(customer, 95)
    ids: list[Any] = []

    def claim() -> None:
        with enter_customer(customer.id):
            ids.extend(member_mails_claim(customer_id=customer.id, now=MORNING.replace(hour=1)))

    assert at_once(*[claim] * 3) == ["done"] * 3
    assert len(ids) == 1
    sending = []

    def send() -> None:
        with enter_customer(customer.id):
            sending.append(member_mail_send(mail_id=ids[0]))

    at_once(*[send] * 3)
    assert sorted(sending) == [False, False, True]


def test_mail_server_that_is_away_costs_no_mail(customer: Customer, ben: User, settings: Any) -> None:
    lead(customer, 95)
    with enter_customer(customer.id):
        [mail_id] = member_mails_claim(customer_id=customer.id, now=MORNING.replace(hour=1))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        with pytest.raises(OSError, match="refused"):
            member_mail_send(mail_id=mail_id)
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert member_mail_send(mail_id=mail_id) is True
        assert member_mail_send(mail_id=mail_id) is False


def test_what_is_not_wanted_any_more_is_not_sent(customer: Customer, ben: User) -> None:
    lead(customer, 95)
    with enter_customer(customer.id):
        [mail_id] = member_mails_claim(customer_id=customer.id, now=MORNING.replace(hour=1))
    wish(ben, hot_leads_since=None)
    with enter_customer(customer.id):
        assert member_mail_send(mail_id=mail_id) is False


def test_removed_member_takes_the_ledger_along(customer: Customer, ben: User, anna: User) -> None:
    from tenants.members.services import member_dismiss

    lead(customer, 95)
    sent(customer, MORNING.replace(hour=1))
    with enter_customer(customer.id):
        member_dismiss(actor=membership_of(anna), membership_id=membership_of(ben).id)
        assert MemberMail.objects.count() == 0


def test_members_choose_for_themselves_and_nobody_gets_what_nobody_chose(
    customer: Customer, anna: User, owner: Client, member: Client
) -> None:
    with enter_platform():
        assert customers_to_mail() == []
    assert owner.post("/mail/", {"brief": "on", "time_zone": BERLIN}).status_code == 302
    mine = membership_of(anna)
    assert (mine.brief_since is not None, mine.hot_leads_since, mine.time_zone) == (True, None, BERLIN)
    owner.post("/mail/", {"brief": "on", "hot_leads": "on", "time_zone": ""})
    again = membership_of(anna)
    assert again.brief_since == mine.brief_since, "what was wished keeps its beginning"
    assert again.hot_leads_since is not None
    assert "checked" in owner.get("/mail/").content.decode()
    assert "checked" not in member.get("/mail/").content.decode()
    assert owner.post("/mail/", {"time_zone": "Mars/Base"}).status_code == 422
    with enter_platform():
        assert customers_to_mail() == [customer.id]
        Customer.objects.filter(id=customer.id).update(state="offboarding")
        assert customers_to_mail() == []


@pytest.fixture
def published() -> Iterator[list[Any]]:
    """What goes to the broker."""
    from celery.signals import before_task_publish

    seen: list[Any] = []

    def note(body: Any = None, **rest: Any) -> None:
        seen.append(body)

    before_task_publish.connect(note, weak=False)
    yield seen
    before_task_publish.disconnect(note)


def test_nothing_of_a_mail_is_in_the_broker_or_the_log(
    customer: Customer, ben: User, published: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    now = timezone.now()
    lead(customer, 95, at=now, name="Hush Hush", email="hush@hush.example")
    members_mail()
    from agents.workspace.tasks import customer_members_mail
    from agents.workspace.tasks import member_mail_send as task

    customer_members_mail(str(customer.id))
    with enter_platform():
        ids = [str(one.id) for one in MemberMail.objects.filter(kind="hot_lead")]
    for mail_id in ids:
        task(str(customer.id), mail_id)
    assert len(ids) == 1
    assert len(mail.outbox) == 1
    assert "hush" not in f"{published}{caplog.text}".lower().replace("hush_", "")
    assert str(customer.id) in str(published)


def test_the_clock_has_both_sweeps() -> None:
    entries = app.conf.beat_schedule
    assert {entries[name]["task"] for name in ("mail-members", "sweep-exports")} <= set(app.tasks)
