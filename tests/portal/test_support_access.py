"""Support access: staff read one customer's own host for a while, and the customer sees it and can end it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.isolation.context import enter_customer, enter_platform
from tenants.members.services import access_revoke, support_access_end, support_access_open
from tenants.models import Customer, Membership, SupportAccess, SupportVisit, User
from tests.admin.clients import signed_in
from tests.factories import PASSWORD, make_staff
from tests.portal.factories import make_draft, make_lead, reload
from tests.portal.visitors import PUBLIC, Visitor, host_of, make_member, visitor_of

pytestmark = pytest.mark.usefixtures("eager")
ADMIN = "admin.localhost"
REASON = "Drafts look odd, ticket 41"


def make_support() -> User:
    user = make_staff(is_superuser=False)
    with enter_platform():
        user.groups.add(Group.objects.get(name="support"))
    return user


def opened(customer: Customer, staff: User, minutes: int = 60) -> SupportAccess:
    with enter_platform():
        return support_access_open(customer=customer, staff=staff, reason=REASON, minutes=minutes)


def visitor_in_admin(staff: User) -> Visitor:
    visitor = Visitor()
    visitor.clients[ADMIN] = signed_in(staff.email)
    return visitor


def enter(visitor: Visitor, customer: Customer) -> Any:
    """Follows the button of the admin; the page where that ends."""
    page, _ = visitor.go(f"http://{customer.host}/login/?as=support")
    return page


def reading(customer: Customer, staff: User | None = None, minutes: int = 60) -> tuple[Client, SupportAccess]:
    """A browser in which staff read the customer's pages."""
    staff = staff or make_support()
    access, visitor = opened(customer, staff, minutes), visitor_in_admin(staff)
    assert enter(visitor, customer).status_code == 200
    return visitor.on(customer.host), access


def owner_of(customer: Customer) -> User:
    user = make_member(customer)
    with enter_platform():
        Membership.objects.filter(user=user).update(role="owner")
    return user


def test_staff_ask_with_a_reason_read_and_the_owner_sees_it_all(customer: Customer) -> None:
    owner, staff = owner_of(customer), make_support()
    make_member(customer)
    lead = make_lead(customer)
    visitor = visitor_in_admin(staff)
    mail.outbox.clear()
    back_office, page = visitor.on(ADMIN), f"/tenants/customer/{customer.id}/change/"
    assert "Read its pages" not in back_office.get(page).content.decode()
    back_office.post(f"/tenants/customer/{customer.id}/support/", {"reason": REASON, "minutes": "15"})
    text = back_office.get(page).content.decode()
    found = re.search(r'href="http://([^":/]+)[:\d]*(/login/\?as=support)"', text)
    assert found is not None, text
    [letter] = mail.outbox
    assert letter.to == [owner.email], "owners alone"
    assert REASON in letter.body
    assert staff.email in letter.body
    assert f"//{customer.host}" in letter.body

    shown, address = visitor.go(f"http://{found[1]}{found[2]}")
    assert (shown.status_code, host_of(address)) == (200, customer.host)
    assert "You read as staff" in shown.content.decode()
    for _ in range(2):
        assert lead.name in visitor.on(customer.host).get("/leads/?page=secret").content.decode()

    portal = visitor_of(customer, owner)
    banner = portal.get("/").content.decode()
    assert "Our support can read your pages" in banner
    assert REASON in banner
    listed = portal.get("/support/").content.decode()
    assert staff.email in listed
    assert re.search(r'href="/leads/">/leads/</a>[^<]*<span[^>]*>[^<]*, 2 times', listed)
    assert "page=secret" not in listed
    with enter_platform():
        assert not Membership.objects.filter(user=staff).exists()


def test_without_an_open_access_staff_stay_outside(customer: Customer, other: Customer) -> None:
    staff = make_support()
    visitor = visitor_in_admin(staff)
    page, address = visitor.go(f"http://{customer.host}/login/?as=support")
    assert host_of(address) == ADMIN
    assert "You have no open support access" in page.content.decode()
    opened(other, staff)
    page, address = visitor.go(f"http://{customer.host}/login/?as=support")
    assert host_of(address) == ADMIN, "another customer's opens nothing here"


def test_the_session_of_one_customer_is_worth_nothing_at_another(customer: Customer, other: Customer) -> None:
    client, _ = reading(customer)
    elsewhere = Client(headers={"host": other.host})
    elsewhere.cookies["sessionid"] = client.cookies["sessionid"].value
    assert elsewhere.get("/").status_code == 302
    with enter_customer(other.id):
        assert not SupportAccess.objects.exists(), "nor does the other see it"


def test_the_public_sign_in_which_asks_for_no_code_is_no_way_to_it(customer: Customer) -> None:
    staff = make_support()
    opened(customer, staff)
    page, address = Visitor().sign_in(customer, staff.email)
    assert (page.status_code, host_of(address)) == (403, PUBLIC)
    stranger = Visitor()
    page, address = stranger.go(f"http://{customer.host}/login/?as=support")
    assert (host_of(address), "/login/" in address) == (ADMIN, True)
    stranger.on(ADMIN).post("/login/", {"username": staff.email, "password": PASSWORD})
    page, address = stranger.go(f"http://{customer.host}/login/?as=support")
    assert host_of(address) == ADMIN, "a password alone is not enough"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_nothing_can_be_changed(customer: Customer, method: str) -> None:
    draft = make_draft(customer)
    client, access = reading(customer)
    for path in (f"/drafts/{draft.id}/", "/profile/", f"/support/{access.id}/end/", "/logout/everywhere/"):
        data = {"action": "approve", "seen": draft.updated_at.isoformat(), "subject": "x", "body": "y"}
        send = getattr(client, method)
        reply = send(path) if method == "trace" else send(path, data)
        assert reply.status_code == 403, path
        assert "Support access only reads" in reply.content.decode()
    assert reload(draft).status == "pending"
    with enter_customer(customer.id):
        assert SupportAccess.objects.get().is_open


def test_a_page_that_is_not_named_for_support_is_closed_to_it(customer: Customer, settings: Any) -> None:
    client, _ = reading(customer)
    assert client.get("/briefs/").status_code == 200
    settings.SUPPORT_PAGES = settings.SUPPORT_PAGES - {"briefs"}
    assert client.get("/briefs/").status_code == 403
    assert visitor_of(customer).get("/briefs/").status_code == 200


def test_every_page_that_is_named_for_support_opens(customer: Customer, settings: Any) -> None:
    ids = {"draft": {"draft_id": make_draft(customer).id}, "draft_gmail": {"draft_id": make_draft(customer).id}}
    ids["lead"] = {"lead_id": make_lead(customer).id}
    client, _ = reading(customer)
    for name in settings.SUPPORT_PAGES:
        assert client.get(reverse(name, "openclaw_site.urls_tenant", kwargs=ids.get(name))).status_code == 200, name


def test_deleting_the_person_ends_it_and_the_record_stays(customer: Customer) -> None:
    staff = make_support()
    reading(customer, staff)
    boss = signed_in(make_staff().email)
    assert boss.post(f"/tenants/user/{staff.pk}/delete/", {"post": "yes"}).status_code == 302
    text = visitor_of(customer).get("/support/").content.decode()
    assert staff.email in text
    assert "Our support can read" not in text


def test_it_ends_by_itself(customer: Customer) -> None:
    client, access = reading(customer, minutes=1)
    assert client.get("/leads/").status_code == 200
    with enter_platform():
        past = timezone.now() - timedelta(minutes=5)
        SupportAccess.objects.filter(id=access.id).update(started_at=past, expires_at=Now() - timedelta(seconds=1))
    reply = client.get("/leads/")
    assert reply.status_code == 403
    assert "it has ended" in reply.content.decode()
    assert "Ran out" in visitor_of(customer).get("/support/").content.decode()
    with enter_platform():
        again = opened(customer, User.objects.get(pk=access.staff_id))
    assert again.id != access.id
    assert client.get("/leads/").status_code == 403, "another access needs another hand-over"


def test_an_owner_ends_it_while_it_is_open(customer: Customer) -> None:
    owner, (client, access) = owner_of(customer), reading(customer)
    member, portal = visitor_of(customer), visitor_of(customer, owner)
    assert "End it now" not in member.get("/support/").content.decode()
    assert member.post(f"/support/{access.id}/end/").status_code == 403
    assert client.get("/leads/").status_code == 200
    portal.post(f"/support/{access.id}/end/")
    assert client.get("/leads/").status_code == 403
    text = portal.get("/support/").content.decode()
    assert re.search(rf"Ended [^<]+ UTC by <span[^>]*>{owner.email}", text)
    assert "Our support can read" not in text
    portal.post(f"/support/{access.id}/end/")
    assert "It had ended already" in portal.get("/support/").content.decode()


def test_an_owner_cannot_end_another_customers(customer: Customer, other: Customer) -> None:
    _, access = reading(other)
    portal = visitor_of(customer, owner_of(customer))
    assert portal.post(f"/support/{access.id}/end/").status_code == 404
    with enter_platform():
        assert SupportAccess.objects.get().is_open


@pytest.mark.parametrize("how", ["deactivated", "no staff", "group taken away", "signed out everywhere"])
def test_it_ends_with_the_suspension_of_its_person(customer: Customer, how: str) -> None:
    staff = make_support()
    client, _ = reading(customer, staff)
    boss = signed_in(make_staff().email)
    if how == "signed out everywhere":
        boss.post(f"/tenants/user/{staff.pk}/sign-in/", {"everywhere": "1"})
    else:
        fields = {"email": staff.email, "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
        fields |= {} if how == "deactivated" else {"is_active": "on"}
        fields |= {} if how == "no staff" else {"is_staff": "on"}
        reply = boss.post(f"/tenants/user/{staff.pk}/change/", fields)
        assert reply.status_code == 302, reply.content.decode()
    assert client.get("/leads/").status_code == 302
    with enter_platform():
        assert not SupportAccess.objects.get().is_open


def test_deactivation_that_no_service_saw_ends_it_too(customer: Customer) -> None:
    client, access = reading(customer)
    with enter_platform():
        User.objects.filter(pk=access.staff_id).update(is_active=False)
    assert client.get("/leads/").status_code == 302
    with enter_platform():
        User.objects.filter(pk=access.staff_id).update(is_active=True, is_staff=False)
    assert client.get("/leads/").status_code == 403


def test_a_hand_over_under_way_ends_with_the_access(customer: Customer) -> None:
    staff = make_support()
    access, visitor = opened(customer, staff), visitor_in_admin(staff)
    reply = visitor.open(f"http://{customer.host}/login/?as=support")
    token = visitor.open(reply["Location"])["Location"]
    with enter_platform():
        assert support_access_end(access=access, actor=None)
        assert not support_access_end(access=access, actor=None)
    assert visitor.open(token).status_code == 403


def test_staff_leave_and_end_theirs_in_the_back_office(customer: Customer) -> None:
    staff, colleague = make_support(), make_staff(is_superuser=False)
    access, visitor = opened(customer, staff), visitor_in_admin(staff)
    enter(visitor, customer)
    assert visitor.on(customer.host).post("/logout/")["Location"].startswith(f"http://{ADMIN}")
    assert visitor.on(customer.host).get("/").status_code == 302
    address = f"/tenants/customer/{customer.id}/support/"
    assert signed_in(colleague.email).post(address, {"end": str(access.id)}).status_code == 403
    visitor.on(ADMIN).post(address, {"end": str(access.id)})
    assert "has ended" in visitor.on(ADMIN).get(f"/tenants/customer/{customer.id}/change/").content.decode()
    assert REASON in visitor.on(ADMIN).get("/tenants/supportaccess/").content.decode()


@pytest.mark.parametrize(
    ("reason", "minutes", "words"),
    [("", 60, "Say why"), ("x" * 201, 60, "Say why"), (REASON, 241, "1 to 240"), (REASON, 0, "1 to 240")],
)
def test_bad_wishes_are_refused(customer: Customer, reason: str, minutes: int, words: str) -> None:
    with enter_platform(), pytest.raises(ValidationError, match=words):
        support_access_open(customer=customer, staff=make_staff(), reason=reason, minutes=minutes)


def test_who_is_given_none(customer: Customer) -> None:
    staff = make_support()
    with pytest.raises(ValidationError, match="Only staff"):
        opened(customer, make_member(customer))
    opened(customer, staff)
    with pytest.raises(ValidationError, match="already"):
        opened(customer, staff)
    customer.state = "offboarding"
    with pytest.raises(ValidationError, match="nothing to read"):
        opened(customer, make_support())
    with enter_platform(), pytest.raises(IntegrityError):
        SupportAccess.objects.filter(staff=staff).update(expires_at=Now() + timedelta(hours=5))


def test_where_nobody_is_owner_all_members_are_told(customer: Customer) -> None:
    members = {make_member(customer).email, make_member(customer).email}
    opened(customer, make_support())
    assert {address for letter in mail.outbox for address in letter.to} == members


def test_records_are_the_customers_own_and_cannot_be_rewritten_by_its_host(customer: Customer, other: Customer) -> None:
    _, access = reading(other)
    with enter_customer(other.id):
        assert SupportVisit.objects.exists()
        for statement in (
            "UPDATE tenants_supportaccess SET expires_at = now()",
            "INSERT INTO tenants_supportaccess (id) VALUES (gen_random_uuid())",
            "DELETE FROM tenants_supportvisit",
        ):
            with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
                cursor.execute(statement)
    with enter_customer(customer.id), pytest.raises(IntegrityError):
        SupportVisit.objects.create(tenant_id=customer.id, access_id=access.id, path="/")


# -- sessions --------------------------------------------------------------------------------------


def test_deactivated_member_stays_out_also_when_activated_again(customer: Customer) -> None:
    user = make_member(customer)
    client, boss = visitor_of(customer, user), signed_in(make_staff().email)
    fields = {"email": user.email, "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    boss.post(f"/tenants/user/{user.pk}/change/", fields)
    assert client.get("/drafts/").status_code == 302
    boss.post(f"/tenants/user/{user.pk}/change/", {**fields, "is_active": "on"})
    assert client.get("/drafts/").status_code == 302, "the former session is not woken"
    page, address = Visitor().sign_in(customer, user.email)
    assert (page.status_code, host_of(address)) == (200, customer.host)


def test_taking_a_membership_away_ends_the_sessions_on_every_host(customer: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    visitor.sign_in(customer, user.email)
    boss = signed_in(make_staff().email)
    with enter_platform():
        membership = Membership.objects.get(user=user)
    boss.post(f"/tenants/membership/{membership.id}/delete/", {"post": "yes"})
    assert visitor.on(customer.host).get("/").status_code == 302
    assert visitor.on(PUBLIC).get("/customers/")["Location"].startswith("/login/")


def test_a_member_signs_out_everywhere(customer: Customer) -> None:
    user, colleague = make_member(customer), visitor_of(customer)
    here, there = visitor_of(customer, user), Visitor()
    there.sign_in(customer, user.email)
    here.post("/logout/everywhere/")
    assert here.get("/").status_code == 302
    assert there.on(customer.host).get("/").status_code == 302
    assert there.on(PUBLIC).get("/customers/").status_code == 302
    assert colleague.get("/").status_code == 200


def test_staff_sign_out_everywhere_and_others_stay(customer: Customer) -> None:
    user, colleague = make_staff(), signed_in(make_staff().email)
    here, there = signed_in(user.email), signed_in(user.email)
    here.post("/sign-in/everywhere/")
    assert [one.get("/").status_code for one in (here, there, colleague)] == [302, 302, 200]


def test_revoking_twice_is_the_same(customer: Customer) -> None:
    user = make_member(customer)
    client = visitor_of(customer, user)
    with enter_platform():
        access_revoke(user=user)
        access_revoke(user=user)
    assert client.get("/").status_code == 302
