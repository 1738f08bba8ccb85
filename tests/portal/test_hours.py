"""When the agents work, as members read it; owners say in which time zone the office is."""

import re

import pytest
from django.test import Client

from agents.models import Agent
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import Customer, Membership
from tests.agents.factories import agent_of
from tests.portal.visitors import visitor_of

TOKYO = "Asia/Tokyo"


def words(client: Client, path: str = "/hours/") -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(path).content.decode()))


def zone_of(customer: Customer) -> str:
    with enter_platform():
        return Customer.objects.get(pk=customer.pk).time_zone


def test_members_read_how_often_and_when_each_agent_looks(member: Client, customer: Customer) -> None:
    assert "Butler, Scout and Writer are made when Gmail is connected." in words(member)
    with enter_platform():
        agent_of(customer)
        Agent.objects.filter(tenant=customer, role="scout").update(interval_minutes=60, office_hours_in=TOKYO)
        Agent.objects.filter(tenant=customer, role="writer").update(desired_state="stopped")
    shown = words(member)
    assert "Butler looks every 15 minutes, around the clock." in shown
    assert "Scout looks every 60 minutes in office hours (Monday to Friday, 7:00 to 19:00 in Asia/Tokyo)." in shown
    assert "Writer was stopped by us" in shown
    assert "UTC. An owner of Harborline can change it." in shown


def test_an_owner_changes_the_time_zone_of_its_own_customer(owner: Client, customer: Customer, other: Customer) -> None:
    reply = owner.post("/hours/time-zone/", {"time_zone": TOKYO}, follow=True)
    assert "The agents follow within a minute." in reply.content.decode()
    assert 'value="Asia/Tokyo" selected' in reply.content.decode()
    assert (zone_of(customer), zone_of(other)) == (TOKYO, "UTC")
    assert owner.post("/hours/time-zone/", {"time_zone": "Mars/Olympus"}).status_code == 422
    assert zone_of(customer) == TOKYO
    with enter_customer(customer.pk):
        assert Customer.objects.all().update(time_zone="UTC") == 1


@pytest.mark.parametrize("demoted", [False, True])
def test_who_is_no_owner_changes_nothing(member: Client, owner: Client, customer: Customer, demoted: bool) -> None:
    with enter_platform():
        if demoted:
            Membership.objects.filter(tenant=customer).update(role="member")
    client = owner if demoted else member
    assert client.post("/hours/time-zone/", {"time_zone": TOKYO}).status_code == 403
    assert zone_of(customer) == "UTC"


def test_a_stranger_sees_nothing(customer: Customer, other: Customer) -> None:
    assert Client(headers={"host": customer.host}).get("/hours/")["Location"].startswith("/login/")
    assert "Harborline" not in words(visitor_of(other))
