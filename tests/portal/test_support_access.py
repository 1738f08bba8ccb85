"""Support access: staff read one customer's own host for a while, change nothing, and the customer sees it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from tenants.isolation.context import enter_customer, enter_platform
from tenants.members.services import support_access_open
from tenants.models import Customer, Membership, SupportAccess, SupportVisit
from tests.factories import PASSWORD, make_staff
from tests.portal.factories import make_draft, make_lead, reload
from tests.portal.support import ADMIN, REASON, make_support, opened, owner_of, reading, visitor_in_admin
from tests.portal.visitors import PUBLIC, Visitor, host_of, make_member, visitor_of

pytestmark = pytest.mark.usefixtures("eager")


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
