"""What each group of staff may do, by a walk over every address of the admin."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from billing.models import BudgetAlert, CostEntry, LossAlert, PaymentEvent, Plan, Price, UsageRecord
from billing.services import invoice_issue, subscription_begin
from openclaw_site.staff.groups import GROUPS, groups_ensure
from tenants.isolation.context import enter_platform
from tenants.models import Customer, Membership, Provisioning, Signup, SupportAccess, User
from tests.admin.clients import signed_in
from tests.agents.factories import agent_of, make_run
from tests.factories import make_customer, make_staff, make_user

pytestmark = pytest.mark.usefixtures("database", "aws")

# Pages and buttons that every member of staff has.
ANYBODY = {
    "index", "jsi18n", "password_change", "password_change_done", "search", "staff_security",
    "staff_replace", "staff_replace_new",
}  # fmt: skip
# The sign-in and its end, which test_second_step.py walks.
SIGNING = {"login", "logout", "staff_code", "staff_enrol", "staff_everywhere"}
# Django's own: they ask for permissions by their arguments, or show of an app what the person may see.
NOT_WALKED = {"autocomplete", "view_on_site", "app_list", None}
# Buttons and pages of ours: what a person needs beside seeing the thing.
NEEDS = {
    "agents_agent_start": {"agents.view_agent", "agents.change_agent"},
    "agents_agent_stop": {"agents.view_agent", "agents.change_agent"},
    "agents_agentrun_log": {"agents.view_agentrun"},
    "tenants_customer_live": {"tenants.view_customer"},
    "tenants_customer_connect": {"tenants.view_customer", "tenants.add_gmailintent"},
    "tenants_customer_connect-link": {"tenants.view_customer", "tenants.add_gmailintent"},
    "tenants_customer_close": {"tenants.view_customer", "tenants.delete_customer"},
    "tenants_customer_members": {"tenants.view_customer", "tenants.add_membership"},
    "tenants_customer_support": {"tenants.view_customer", "tenants.add_supportaccess"},
    "tenants_customer_retry": {"tenants.view_customer", "tenants.change_provisioning"},
    "tenants_customer_pause": {"tenants.view_customer", "tenants.change_customer"},
    "tenants_customer_resume": {"tenants.view_customer", "tenants.change_customer"},
    "tenants_customer_agent_start": {"tenants.view_customer", "agents.change_agent"},
    "tenants_customer_agent_stop": {"tenants.view_customer", "agents.change_agent"},
    "tenants_user_sign_in": {"tenants.view_user", "mfa.delete_authenticator"},
    "billing_subscription_decide": {"billing.change_subscription"},
    "billing_invoice_paid": {"billing.change_invoice"},
    "billing_invoice_cancel": {"billing.change_invoice"},
    "auth_user_password_change": {"tenants.change_user"},
    "fleet_switch": {"agents.change_fleet"},
    "hand_over": {"tenants.add_supportaccess"},
}
BUTTONS = {
    name
    for name in NEEDS
    if name.rpartition("_")[2]
    in {
        "decide",
        "paid",
        "cancel",
        "start",
        "stop",
        "connect",
        "connect-link",
        "members",
        "support",
        "retry",
        "pause",
        "resume",
        "switch",
    }
}


def patterns(found: Any, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for one in found:
        if hasattr(one, "url_patterns"):
            yield from patterns(one.url_patterns, prefix + str(one.pattern))
        else:
            yield prefix + str(one.pattern), one.name


ADDRESSES = [
    (pattern, name)
    for pattern, name in patterns(get_resolver("openclaw_site.urls_admin").url_patterns)
    if name not in NOT_WALKED
]


def _money(customer: Customer) -> dict[str, Model]:
    """A row of every table about this customer's money."""
    day = date(2026, 1, 10)
    subscription = subscription_begin(customer=customer, agreed=True)
    figures = {"tenant": customer, "month": day.replace(day=1)}
    return {
        "billing_subscription": subscription,
        "billing_invoice": invoice_issue(
            subscription=subscription, period_start=day, period_end=date(2026, 2, 10), issued_on=day
        ),
        "billing_usagerecord": UsageRecord.objects.create(
            tenant=customer, day=day, kind="x", source=customer.tenant_hex, quantity=1
        ),
        "billing_costentry": CostEntry.objects.create(tenant=customer, day=day, kind="x", micro_usd=1),
        "billing_budgetalert": BudgetAlert.objects.create(
            **figures, threshold_percent=50, spent_micro_usd=1, budget_micro_usd=2
        ),
        "billing_paymentevent": PaymentEvent.objects.create(
            pk=f"evt_{customer.tenant_hex}", kind="invoice.paid", object_ref="in_1", happened_at=timezone.now()
        ),
        "billing_lossalert": LossAlert.objects.create(**figures, revenue_micro_usd=1, forecast_micro_usd=2),
    }


class Things:
    """One of everything that has a page."""

    def __init__(self) -> None:
        self.customer = make_customer(state="active")
        self.person = make_user()
        with enter_platform():
            self.agent = agent_of(self.customer)
            self.run = make_run(self.agent, state="succeeded")
            self.objects = {
                "tenants_customer": self.customer,
                "agents_agent": self.agent,
                "agents_agentrun": self.run,
                "tenants_provisioning": Provisioning.objects.create(tenant=self.customer, kind="onboard"),
                "tenants_membership": Membership.objects.create(tenant=self.customer, user=self.person),
                "tenants_user": self.person,
                "auth_group": Group.objects.get(name="support"),
                "billing_plan": Plan.objects.get(code="team"),
                "tenants_signup": Signup.objects.create(
                    company="X",
                    subdomain="x",
                    person="X",
                    email="x@example.com",
                    plan="team",
                    expires_at=timezone.now(),
                ),
                "billing_price": Price.objects.first(),
                **_money(self.customer),
                "tenants_supportaccess": SupportAccess.objects.create(
                    tenant=self.customer,
                    staff=self.person,
                    staff_email=self.person.email,
                    reason="Because",
                    started_at=timezone.now(),
                    expires_at=timezone.now(),
                ),
            }

    def address(self, pattern: str, name: str) -> str:
        """The pattern with ids in place of its arguments."""
        thing = next((thing for prefix, thing in self.objects.items() if name.startswith(prefix + "_")), None)
        path = "/" + pattern
        key = str(thing.pk) if thing is not None else str(self.person.pk)
        for argument, value in (
            ("<uuid:object_id>", key),
            ("<path:object_id>", key),
            ("<uuid:agent_id>", str(self.agent.pk)),
            ("<int:user_id>", str(self.person.pk)),
            ("<id>", str(self.person.pk)),
            ("<str:verb>", "resume"),
        ):
            path = path.replace(argument, value)
        return path


def make_grouped(group: str) -> User:
    user = make_staff(is_superuser=False)
    with enter_platform():
        user.groups.add(Group.objects.get(name=group))
    return user


def permissions_of(group: str) -> set[str]:
    with enter_platform():
        rows = Group.objects.get(name=group).permissions.values_list("content_type__app_label", "codename")
        return {f"{app}.{codename}" for app, codename in rows}


def is_let(client: Client, things: Things, pattern: str, name: str) -> bool:
    """Whether the address does something other than refuse."""
    address = things.address(pattern, name)
    post = name in BUTTONS
    reply = client.post(address, {"minutes": "15"}) if post else client.get(address, {"host": things.customer.host})
    assert reply.status_code in (200, 302, 403, 422), (address, reply.status_code)
    assert not reply.get("Location", "").startswith("/login/"), address
    return bool(reply.status_code != 403)


def is_expected(has: set[str], superuser_may: bool, name: str) -> bool:
    if name in ANYBODY:
        return True
    if name in NEEDS:
        return has >= NEEDS[name]
    model, _, page = name.rpartition("_")
    app, _, thing = model.partition("_")
    if page in ("add", "delete"):
        # People and groups are superusers' business; what services write has no such form for anybody.
        return superuser_may and model not in ("tenants_user", "auth_group") and f"{app}.{page}_{thing}" in has
    assert page in ("changelist", "change", "history"), f"Say in NEEDS who may open {name}."
    return bool({f"{app}.view_{thing}", f"{app}.change_{thing}"} & has)


WALKED = [(pattern, name) for pattern, name in ADDRESSES if name not in SIGNING]


@pytest.fixture
def superuser_may(database: None, aws: None) -> dict[str, bool]:
    """Which addresses anybody at all may open."""
    things, client = Things(), signed_in(make_staff().email)
    return {name: is_let(client, things, pattern, name) for pattern, name in WALKED if name.endswith(("add", "delete"))}


@pytest.mark.parametrize("group", [*GROUPS, "none"])
def test_each_group_may_open_what_its_table_says_and_nothing_else(group: str, superuser_may: dict[str, bool]) -> None:
    user = make_grouped(group) if group in GROUPS else make_staff(is_superuser=False)
    has = permissions_of(group) if group in GROUPS else set()
    client, things = signed_in(user.email), Things()
    found = {name: is_let(client, things, pattern, name) for pattern, name in WALKED}
    wanted = {name: is_expected(has, superuser_may.get(name, True), name) for _, name in WALKED}
    assert {name for name in found if found[name] != wanted[name]} == set()


def test_groups_have_what_their_names_promise() -> None:
    operator, billing, support, reader = (permissions_of(name) for name in GROUPS)
    assert {"tenants.add_customer", "tenants.delete_customer", "agents.change_fleet", "agents.view_agentrun"} < operator
    assert {one for one in operator if one.startswith("billing.") or "user" in one or "membership" in one} == set()
    assert {"billing.add_plan", "billing.change_plan", "billing.view_plan"} < billing
    assert {one for one in billing if not one.startswith("billing.")} == {
        "tenants.view_customer", "tenants.view_gmailconnection", "tenants.view_domain",
    }  # fmt: skip
    assert {"tenants.add_supportaccess", "tenants.add_gmailintent", "tenants.add_membership"} < support
    assert "tenants.change_customer" not in support
    assert {one for one in reader if ".view_" not in one} == set()
    assert {"tenants.view_customer", "agents.view_agentrun", "billing.view_plan", "tenants.view_user"} < reader


def test_every_permission_of_the_table_exists() -> None:
    with enter_platform():
        known = {f"{app}.{name}" for app, name in Permission.objects.values_list("content_type__app_label", "codename")}
    named = {label for patterns in GROUPS.values() for label in patterns if "*" not in label}
    assert named - known == set()


def test_migrating_brings_the_groups_back_and_leaves_others_alone() -> None:
    with enter_platform():
        Group.objects.get(name="operator").permissions.clear()
        Group.objects.get(name="read-only").permissions.add(Permission.objects.get(codename="change_customer"))
        other = Group.objects.create(name="interns")
        other.permissions.add(Permission.objects.get(codename="view_customer"))
    for _ in range(2):
        groups_ensure(using="owner")
    assert "tenants.add_customer" in permissions_of("operator")
    assert "tenants.change_customer" not in permissions_of("read-only")
    assert permissions_of("interns") == {"tenants.view_customer"}
    with enter_platform():
        Group.objects.filter(name="interns").delete()


def test_only_superusers_change_people_and_groups_whatever_their_permissions() -> None:
    user, person = make_staff(is_superuser=False), make_user()
    with enter_platform():
        user.user_permissions.set(Permission.objects.all())
        operator = Group.objects.get(name="operator")
    client = signed_in(user.email)
    for path in (f"/tenants/user/{person.pk}/", f"/auth/group/{operator.pk}/"):
        assert client.post(f"{path}change/", {"is_superuser": "on", "name": "x"}).status_code == 403
        assert client.post(f"{path}delete/", {"post": "yes"}).status_code == 403
    assert client.get("/tenants/user/add/").status_code == 403
    assert client.get(f"/tenants/user/{person.pk}/password/").status_code == 403
    boss = signed_in(make_staff().email)
    assert boss.post(f"/auth/group/{operator.pk}/change/", {"name": "x"}).status_code == 403, "kept by the table"
    assert boss.post(f"/auth/group/{operator.pk}/delete/", {"post": "yes"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": str(operator.pk), "post": "yes"}
    boss.post("/auth/group/", selected)
    with enter_platform():
        assert Group.objects.filter(name="operator").exists()


def test_a_viewer_sees_no_hash_of_a_password() -> None:
    person, reader = make_user(), signed_in(make_grouped("read-only").email)
    page = reader.get(f"/tenants/user/{person.pk}/change/").content.decode()
    assert person.email in page
    with enter_platform():
        assert User.objects.get(pk=person.pk).password.rpartition("$")[2] not in page


def test_a_change_of_groups_is_logged_and_signs_the_person_out() -> None:
    user = make_staff(is_superuser=False)
    theirs, boss = signed_in(user.email), make_staff()
    client = signed_in(boss.email)
    with enter_platform():
        support = Group.objects.get(name="support")
    fields = {
        "email": user.email, "is_active": "on", "is_staff": "on", "groups": str(support.pk),
        "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00",
    }  # fmt: skip
    assert client.post(f"/tenants/user/{user.pk}/change/", fields).status_code == 302
    assert theirs.get("/").status_code == 302
    with enter_platform():
        entry = LogEntry.objects.get(object_id=str(user.pk), user=boss, action_flag=CHANGE)
        assert "Groups" in entry.get_change_message()
        assert [one.name for one in user.groups.all()] == ["support"]


@pytest.mark.parametrize(("group", "shown"), [("billing", {"Plans"}), ("support", {"Members", "Support accesses"})])
def test_menus_and_buttons_show_what_the_person_may_use(group: str, shown: set[str]) -> None:
    client, customer = signed_in(make_grouped(group).email), make_customer(state="active")
    front, page = (client.get(path).content.decode() for path in ("/", f"/tenants/customer/{customer.id}/change/"))
    settings = {"Plans", "People", "Groups", "Members", "Support accesses"}
    links = {"Plans": "billing/plan", "People": "tenants/user", "Groups": "auth/group"}
    links |= {"Members": "tenants/membership", "Support accesses": "tenants/supportaccess"}
    assert {title for title in settings if f'href="/{links[title]}/"' in front} == shown
    assert "Onboard customer" not in front
    assert "Close customer" not in page
    assert ("Link for the customer" in page) == (group == "support")
    assert ("Open support access" in page) == (group == "support")


def test_support_cannot_end_what_is_not_there(client: Client) -> None:
    browser, customer = signed_in(make_grouped("support").email), make_customer()
    for value in ("nonsense", str(uuid.uuid4())):
        assert browser.post(f"/tenants/customer/{customer.id}/support/", {"end": value}).status_code == 404
