"""Every kind of link that leaves us: each function makes one, lets a fault happen to it, and opens it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import mail, signing
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from agents.workspace.models import Lead
from tenants.gmail.services import connect_url
from tenants.isolation.context import enter_customer, enter_platform
from tenants.members.services import member_add, password_link
from tenants.models import Customer, DataExport, GmailIntent, HandOver, Invitation, Signup
from tests.portal.factories import make_lead
from tests.portal.test_invitations import invite, later
from tests.portal.test_invitations import link_in as invitation_in
from tests.portal.test_members import link_in as password_in
from tests.portal.test_sign_in import token_for
from tests.portal.visitors import PUBLIC, Visitor, make_member, path_of, visitor_of
from tests.signup.newcomer import Newcomer
from tests.signup.newcomer import link as confirm_link

PAST = timedelta(seconds=1)


@dataclass(frozen=True)
class World:
    """Two customers, and the browser of one's owner."""

    customer: Customer
    other: Customer
    owner: Client
    patch: pytest.MonkeyPatch


def update(model: Any, **values: Any) -> None:
    with enter_platform():
        model.objects.update(**values)


def cut(link: str) -> str:
    """The link as a mail program that breaks lines leaves it."""
    return link.rstrip("/")[:-4]


def public(path: str) -> Any:
    """What a stranger's browser is shown there in the end."""
    return Visitor().go(f"http://{PUBLIC}{path}")[0]


def sign_up(world: World, fault: str) -> Any:
    Newcomer().signs_up(subdomain="newcomer")
    link = confirm_link()
    match fault:
        case "expired":
            update(Signup, expires_at=timezone.now() - PAST)
        case "used":
            update(Signup, state="confirmed", confirmed_at=Now())
        case "cut off":
            link = cut(link)
        case "another's":
            link = f"/sign-up/confirm/{signing.dumps('0' * 32, salt='tenants.members.invitation')}/"
    return public(link)


def invitation(world: World, fault: str) -> Any:
    invite(world.owner)
    link = invitation_in(mail.outbox[-1])
    match fault:
        case "expired":
            later(days=8)
        case "used":
            update(Invitation, accepted_at=Now())
        case "withdrawn":
            update(Invitation, serial=7)
        case "cut off":
            link = cut(link)
        case "another's":
            link = f"/invitation/?token={signing.dumps({'invitation': '0'}, salt='tenants.signup.confirm')}"
    return public(link)


def password(world: World, fault: str) -> Any:
    if fault == "expired":
        world.patch.setattr(
            type(default_token_generator), "_now", lambda self: datetime.now(UTC).replace(tzinfo=None) - timedelta(4)
        )
    with enter_platform():
        user = member_add(customer=world.customer, email="carla@harborline.example").user
    link = password_in(mail.outbox[-1].body)
    world.patch.undo()
    match fault:
        case "used":
            with enter_platform():
                user.set_password("another one")
                user.save()
        case "cut off":
            link = cut(link) + "/"
        case "another's":
            theirs = path_of(password_link(user=make_member(world.customer)) or "").split("/")
            link = "/".join([*link.split("/")[:3], *theirs[3:]])
    return public(link)


def gmail(world: World, fault: str) -> Any:
    with enter_platform():
        link = path_of(connect_url(customer=world.customer, actor=None))
    match fault:
        case "expired":
            update(GmailIntent, expires_at=timezone.now() - PAST)
        case "used":
            update(GmailIntent, used_at=Now())
        case "cut off":
            link = cut(link)
        case "another's":
            with enter_platform():
                claims = {"intent": GmailIntent.objects.get().id.hex, "customer": world.other.id.hex}
            link = f"/gmail/connect/?intent={signing.dumps(claims, salt='tenants.gmail.intent')}"
    return public(link)


def hand_over(world: World, fault: str) -> Any:
    visitor = Visitor()
    address = token_for(world.customer, make_member(world.customer), visitor)
    match fault:
        case "expired":
            update(HandOver, expires_at=timezone.now() - PAST)
        case "used":
            with enter_platform():
                HandOver.objects.all().delete()
        case "cut off":
            address = cut(address)
        case "another's":
            mark = visitor.on(world.customer.host).cookies["handover"].value
            visitor.on(world.other.host).cookies["handover"] = mark
            address = address.replace(world.customer.host, world.other.host)
    return visitor.open(address)


def archive(world: World, fault: str) -> Any:
    """The button of the page, pressed on a page that was left open."""
    whose = world.other if fault == "another's" else world.customer
    ends = timezone.now() + (timedelta(days=1) if fault == "another's" else -PAST)
    with enter_platform():
        found = DataExport.objects.create(tenant=whose, state="ready", expires_at=ends, size_bytes=1)
        if fault == "used":
            DataExport.objects.update(state="expired")
    return world.owner.post(f"/account/exports/{found.id}/", follow=True)


def lead(world: World, fault: str) -> Any:
    found = make_lead(world.other if fault == "another's" else world.customer)
    member = visitor_of(world.customer)
    if fault == "expired":
        with enter_customer(world.customer.id):
            Lead.objects.all().delete()
    return member.get(f"/leads/{found.id}/")


KINDS: dict[str, Callable[[World, str], Any]] = {
    "sign-up": sign_up,
    "invitation": invitation,
    "password": password,
    "gmail": gmail,
    "hand-over": hand_over,
    "archive": archive,
    "lead": lead,
}
