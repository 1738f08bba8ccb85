"""A support access ends: by its time, by an owner, by staff, and with whatever ends its person's sessions."""

import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from tenants.isolation.context import enter_platform
from tenants.members.services import support_access_end
from tenants.models import Customer, SupportAccess, User
from tests.admin.clients import signed_in
from tests.factories import make_staff
from tests.portal.support import ADMIN, REASON, enter, make_support, opened, owner_of, reading, visitor_in_admin
from tests.portal.visitors import visitor_of

pytestmark = pytest.mark.usefixtures("eager")


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
