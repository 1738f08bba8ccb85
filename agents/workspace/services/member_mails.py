"""The mails that members choose: the daily brief, and a new hot lead. Customer's context, but for who is due.

A mail is a row before it is one: who claims the row may send it, so nobody gets a brief twice a day, or a lead twice.
A worker that dies while it sends leaves the mail unsent; that is the lesser evil. The broker sees ids only, the log
nothing of a mail.
"""

import uuid
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from agents.models import Agent, AgentRole
from agents.selectors.due import RUNNING_STATES
from agents.workspace.models import Brief, Lead
from openclaw_site.mails import mail_send
from tenants.members.addresses import portal_url
from tenants.models import Customer, MemberMail, MemberMailKind, Membership

MORNING_HOURS: Final = range(7, 12)
# A brief that is older says nothing of this day; a lead that is older is not new.
FRESH: Final = timedelta(hours=24)
# Nobody reads more; the leads page shows the others.
MOST_LEADS_A_DAY: Final = 10
# A claimed mail whose message is lost is handed on again after the first, and no more after the second.
_LOST_AFTER, _STALE_AFTER = timedelta(minutes=10), timedelta(hours=12)


def customers_to_mail() -> list[uuid.UUID]:
    """Customers some of whose members want mails. Platform's context."""
    wanting = Membership.objects.filter(Q(brief_since__isnull=False) | Q(hot_leads_since__isnull=False))
    rows = wanting.filter(tenant__state__in=RUNNING_STATES, user__is_active=True, user__is_staff=False)
    return list(rows.order_by().values_list("tenant_id", flat=True).distinct())


def member_mails_claim(*, customer_id: uuid.UUID, now: datetime) -> list[uuid.UUID]:
    """Ids of the mails to hand on: those that members are due at `now`, and those whose message got lost.

    Safe to repeat, also at once: each mail is claimed by one call.
    """
    members = Membership.objects.filter(tenant_id=customer_id, user__is_active=True, user__is_staff=False)
    zone = _agents_zone(customer_id)
    claimed = []
    for member in members:
        claimed += [*_brief_due(member, zone, now), *_leads_due(member, now)]
    lost = MemberMail.objects.filter(
        tenant_id=customer_id, begun_at=None, created_at__lt=now - _LOST_AFTER, created_at__gt=now - _STALE_AFTER
    )
    return claimed + [mail_id for mail_id in lost.values_list("id", flat=True) if mail_id not in claimed]


def member_mail_send(*, mail_id: uuid.UUID) -> bool:
    """The mail is sent, if it was not begun before and is still wanted; whether this call sent it.

    Raises OSError when the mail server did not take it; another call may then send it.
    """
    mail = MemberMail.objects.select_related("membership__user", "membership__tenant").filter(id=mail_id).first()
    mine = MemberMail.objects.filter(id=mail_id, begun_at=None)
    if mail is None or not mine.update(begun_at=Now()):
        return False
    values = _values(mail)
    if values is None:
        return False
    values |= {"customer": mail.membership.tenant, "wishes_url": _url(mail, "/mail/")}
    try:
        mail_send([mail.membership.user.email], f"portal/mail/{mail.kind}", values)
    except OSError:
        MemberMail.objects.filter(id=mail_id).update(begun_at=None)
        raise
    MemberMail.objects.filter(id=mail_id).update(sent_at=Now())
    return True


def _brief_due(member: Membership, agents_zone: tzinfo, now: datetime) -> list[uuid.UUID]:
    """In the member's morning, once a date, when Butler has written something since the morning before."""
    if member.brief_since is None:
        return []
    local = now.astimezone(_zone(member.time_zone) or agents_zone)
    if local.hour not in MORNING_HOURS:
        return []
    # By the wall clock: a day has 23 hours or 25 where the clocks change, and a brief of its edge is told once all the
    # same.
    morning_before = local - FRESH
    if not Brief.objects.filter(tenant_id=member.tenant_id, updated_at__gt=morning_before).exists():
        return []
    return _claim(member, MemberMailKind.BRIEF, local.date().isoformat())


def _leads_due(member: Membership, now: datetime) -> list[uuid.UUID]:
    """What became a hot lead since the member wants to know of them."""
    if member.hot_leads_since is None:
        return []
    told = MemberMail.objects.filter(membership=member, kind=MemberMailKind.HOT_LEAD)
    room = MOST_LEADS_A_DAY - told.filter(created_at__gt=now - FRESH).count()
    since = max(member.hot_leads_since, now - FRESH)
    hot = Lead.objects.filter(tenant_id=member.tenant_id, score__gte=settings.HOT_LEAD_SCORE, updated_at__gt=since)
    known = set(told.values_list("subject_key", flat=True))
    fresh = map(str, hot.order_by("-score", "created_at").values_list("id", flat=True))
    new = [key for key in fresh if key not in known][: max(room, 0)]
    return [mail_id for key in new for mail_id in _claim(member, MemberMailKind.HOT_LEAD, key)]


def _claim(member: Membership, kind: MemberMailKind, key: str) -> list[uuid.UUID]:
    mail, created = MemberMail.objects.get_or_create(
        membership=member, kind=kind, subject_key=key, defaults={"tenant_id": member.tenant_id}
    )
    return [mail.id] if created else []


def _values(mail: MemberMail) -> dict[str, Any] | None:
    """What the mail says; None when it is not wanted any more, or what it is about is gone."""
    member = mail.membership
    if mail.kind == MemberMailKind.BRIEF:
        brief = Brief.objects.filter(tenant_id=mail.tenant_id).order_by("-day").first()
        return {"brief": brief, "url": _url(mail, "/briefs/")} if member.brief_since and brief else None
    lead = Lead.objects.filter(tenant_id=mail.tenant_id, id=uuid.UUID(mail.subject_key)).first()
    return {"lead": lead, "url": _url(mail, f"/leads/{lead.id}/")} if member.hot_leads_since and lead else None


def _url(mail: MemberMail, path: str) -> str:
    return portal_url(host=mail.membership.tenant.host, path=path)


def _agents_zone(customer_id: uuid.UUID) -> tzinfo:
    butler = Agent.objects.filter(tenant_id=customer_id, role=AgentRole.BUTLER).first()
    customer = Customer.objects.filter(id=customer_id).values_list("time_zone", flat=True).first()
    return (_zone(butler.office_hours_in) if butler else None) or _zone(customer or "") or UTC


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
