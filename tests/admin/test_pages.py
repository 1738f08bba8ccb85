"""The back office over HTTP: who gets in, onboarding, the lists, the buttons."""

import os
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Fleet
from tenants.isolation.context import enter_platform
from tenants.models import Customer, Provisioning, ProvisioningStep
from tests.admin.clients import signed_in, staff_with
from tests.factories import make_customer, make_staff, make_user
from tests.signup.newcomer import NOBODYS

pytestmark = pytest.mark.usefixtures("database", "aws")


def form(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Harborline Roofing",
        "email": "olivia@harborline.example",
        "slug": "harborline",
        "plan": "team",
        "region": os.environ["AWS_REGION"],
        "submission": str(uuid.uuid4()),
        **changes,
    }


def customers() -> list[Customer]:
    with enter_platform():
        return list(Customer.objects.all())


def page_of(customer: Customer) -> str:
    return f"/tenants/customer/{customer.id}/change/"


def breadcrumb(reply: Any) -> list[str]:
    heading = re.search(r"<h1 class=.overflow-hidden.*?</h1>", reply.content.decode(), re.S)
    assert heading is not None
    parts = re.findall(r"<(?:a|span)[^>]*truncate[^>]*>([^<]*)<", heading[0])
    return [part.strip() for part in parts]


def test_people_without_staff_status_do_not_get_in() -> None:
    client = signed_in(make_user().email)
    reply = client.get("/")
    assert reply.status_code == 302
    assert "/login/" in reply["Location"]


def test_staff_without_permissions_see_no_customer() -> None:
    customer = make_customer()
    client = signed_in(make_staff(is_superuser=False).email)
    assert client.get("/tenants/customer/").status_code == 403
    assert client.get(page_of(customer)).status_code == 403
    assert "You may not see customers" in client.get("/").content.decode()


def test_viewing_does_not_allow_changing() -> None:
    customer, client = make_customer(state="active"), staff_with("view_customer")
    assert client.get(page_of(customer)).status_code == 200
    for verb in ("pause", "resume", "retry", "connect", "connect-link", "close"):
        assert client.post(f"/tenants/customer/{customer.id}/{verb}/").status_code == 403, verb
    assert client.post("/fleet/pause/", {"reason": "x"}).status_code == 403
    client.post("/tenants/customer/", {"action": "pause_selected", "_selected_action": str(customer.id)})
    assert customers()[0].state == "active"


def test_a_customers_page_says_where_it_is(staff: Client) -> None:
    customer = make_customer(name="Harborline Roofing")
    for url in (page_of(customer), f"/tenants/customer/{customer.id}/close/"):
        assert breadcrumb(staff.get(url)) == ["Customers and people", "Customers", "Harborline Roofing"]


def test_empty_front_page_says_that_nothing_is_to_do(staff: Client) -> None:
    assert "Nothing needs you." in staff.get("/").content.decode()


def test_onboarding_leads_to_the_customers_page(staff: Client) -> None:
    reply = staff.post("/tenants/customer/add/", form())
    (customer,) = customers()
    assert reply["Location"] == page_of(customer)
    text = staff.get(page_of(customer)).content.decode()
    assert "Database schema" in text
    assert "0 of 7 steps" in text
    assert "every 2s" in text


def test_double_submit_makes_one_customer(staff: Client) -> None:
    data = form()
    first, second = staff.post("/tenants/customer/add/", data), staff.post("/tenants/customer/add/", data)
    assert first["Location"] == second["Location"]
    assert len(customers()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slug": "admin"}, "reserved"),
        ({"email": "nonsense"}, "valid email"),
        ({"plan": "platinum"}, "valid choice"),
        ({"region": "moon-1"}, "valid choice"),
        ({"name": ""}, "cannot be blank"),
    ],
)
def test_bad_input_is_explained_and_nothing_typed_is_lost(staff: Client, changes: dict[str, str], words: str) -> None:
    reply = staff.post("/tenants/customer/add/", form(**changes))
    text = reply.content.decode()
    assert reply.status_code == 422
    assert words in text
    assert changes.get("slug", "harborline") in text
    assert customers() == []


def test_everything_that_is_wrong_is_said_at_once(staff: Client) -> None:
    text = staff.post("/tenants/customer/add/", form(name="", email="nonsense", slug="admin")).content.decode()
    assert [words in text for words in ("cannot be blank", "valid email", "reserved")] == [True, True, True]


def test_subdomains_that_strangers_are_refused_are_refused_to_staff(staff: Client) -> None:
    for name in NOBODYS:
        reply = staff.post("/tenants/customer/add/", form(slug=name))
        assert reply.status_code == 422, name
    assert "taken for one of our own" in staff.post("/tenants/customer/add/", form(slug="0penclaw")).content.decode()
    make_customer(slug="acme")
    assert "already exists" in staff.post("/tenants/customer/add/", form(slug="acme")).content.decode()
    assert [customer.slug for customer in customers()] == ["acme"]


def test_a_name_full_of_markup_is_shown_as_text(staff: Client) -> None:
    name = '<script>alert(1)</script> "O\'Brien" 株式会社'
    staff.post("/tenants/customer/add/", form(name=name))
    for url in ("/", "/tenants/customer/", page_of(customers()[0])):
        text = staff.get(url).content.decode()
        assert "<script>alert(1)" not in text


def test_failed_step_is_shown_and_retried(staff: Client) -> None:
    staff.post("/tenants/customer/add/", form())
    (customer,) = customers()
    with enter_platform():
        Provisioning.objects.update(state="failed")
        ProvisioningStep.objects.filter(name="iam_role").update(
            state="failed", error="CreateRole: not allowed.", next_action="Ask for the permission."
        )
    live = staff.get(f"/tenants/customer/{customer.id}/live/").content.decode()
    assert "CreateRole: not allowed." in live
    assert "Ask for the permission." in live
    assert "every 2s" not in live
    assert "IAM role of the agents failed" in staff.get("/").content.decode()
    staff.post(f"/tenants/customer/{customer.id}/retry/")
    with enter_platform():
        assert Provisioning.objects.get().state == "queued"


def test_pause_and_resume(staff: Client) -> None:
    customer = make_customer(state="active")
    staff.post(f"/tenants/customer/{customer.id}/pause/")
    assert customers()[0].state == "paused"
    staff.post(f"/tenants/customer/{customer.id}/resume/")
    assert customers()[0].paused_at is None


def test_buttons_refuse_get(staff: Client) -> None:
    customer = make_customer(state="active")
    assert staff.get(f"/tenants/customer/{customer.id}/pause/").status_code == 405
    assert customers()[0].state == "active"


def test_closing_asks_for_the_subdomain(staff: Client) -> None:
    customer = make_customer(state="active")
    reply = staff.post(f"/tenants/customer/{customer.id}/close/", {"subdomain": "another"})
    assert reply.status_code == 422
    assert customers()[0].state == "active"
    staff.post(f"/tenants/customer/{customer.id}/close/", {"subdomain": customer.slug})
    assert customers()[0].state == "offboarding"


def test_connect_gmail_leads_to_the_public_host(staff: Client) -> None:
    customer = make_customer(state="awaiting_gmail")
    reply = staff.post(f"/tenants/customer/{customer.id}/connect/")
    assert reply["Location"].startswith(os.environ["PUBLIC_BASE_URL"] + "/gmail/connect/?intent=")


def test_pausing_everything_needs_a_reason_and_shows_everywhere(staff: Client) -> None:
    staff.post("/fleet/pause/", {"reason": " "})
    with enter_platform():
        assert Fleet.objects.get().paused_at is None
    staff.post("/fleet/pause/", {"reason": "An incident"})
    assert "An incident" in staff.get("/").content.decode()
    assert "Everything is paused" in staff.get("/tenants/customer/").content.decode()
    staff.post("/fleet/resume/")
    with enter_platform():
        assert Fleet.objects.get().paused_at is None


@pytest.mark.parametrize("url", ["/", "/tenants/customer/", "/agents/agentrun/", "/tenants/provisioning/"])
def test_lists_cost_the_same_number_of_queries_for_many_customers(staff: Client, url: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(url).status_code == 200
        return len(captured)

    make_customer(state="awaiting_gmail")
    queries()
    few = queries()
    for _ in range(12):
        make_customer(state="awaiting_gmail")
    assert queries() == few


@pytest.mark.parametrize("term", ["harbor", "olivia@", "HARBORLINE"])
def test_search_finds_by_name_address_and_subdomain(staff: Client, term: str) -> None:
    make_customer(name="Harborline Roofing", slug="harborline", email="olivia@harborline.example")
    make_customer(name="Fernweh Travel", slug="fernweh", email="jonas@fernweh.example")
    text = staff.get("/tenants/customer/", {"q": term}).content.decode()
    assert "Harborline Roofing" in text
    assert "Fernweh Travel" not in text


def test_unknown_customer_is_404(staff: Client) -> None:
    assert staff.get(f"/tenants/customer/{uuid.uuid4()}/change/").status_code == 404
    assert staff.get("/tenants/customer/nonsense/change/").status_code == 404
