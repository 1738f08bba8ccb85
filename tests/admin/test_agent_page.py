"""The agent's page: what is wanted of it, and starting and stopping it, from there and from the customer's page."""

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client

from agents.models import Agent, AgentRun, AgentRunState
from agents.services import launch
from openclaw_site.devstack.world import World
from tenants.isolation.context import enter_platform
from tests.admin.clients import signed_in, staff_with
from tests.agents.cluster import Cluster
from tests.agents.factories import agent_of, make_agent, make_run
from tests.factories import make_customer, make_staff

pytestmark = pytest.mark.usefixtures("database", "aws")


def page_of(agent: Agent) -> str:
    return f"/agents/agent/{agent.pk}/change/"


def butler(**fields: str) -> Agent:
    with enter_platform():
        return agent_of(make_customer(**{"state": "active", "name": "Harborline Roofing", **fields}))


def wanted(agent: Agent) -> tuple[str, int]:
    with enter_platform():
        agent.refresh_from_db()
    return agent.desired_state, agent.interval_minutes


@pytest.fixture
def cluster(aws: World, settings: object) -> Iterator[Cluster]:
    """A Fargate whose agents sleep."""
    launch._own_identity.cache_clear()
    cluster = Cluster(aws)
    settings.ECS_TASK_DEFINITION_PREFIX = cluster.prefix  # type: ignore[attr-defined]
    cluster.define("sleep 60")
    yield cluster
    with enter_platform():
        cluster.close()


@pytest.mark.parametrize(
    ("state", "words"),
    [("stopped", "stopped."), ("scheduled", "scheduled, every 45 min, set by hand."), ("always_on", "always on.")],
)
def test_what_is_wanted_is_changed_and_remembered(staff: Client, state: str, words: str) -> None:
    agent = butler()
    reply = staff.post(page_of(agent), {"desired_state": state, "interval_minutes": "45"}, follow=True)
    assert reply.redirect_chain == [(page_of(agent), 302)]
    assert wanted(agent) == (state, 45)
    assert f"Butler is now wanted {words}" in reply.content.decode()
    for history in (f"/tenants/customer/{agent.tenant_id}/history/", f"/agents/agent/{agent.pk}/history/"):
        assert f"Butler is now wanted {words}" in staff.get(history).content.decode()


def test_office_hours_are_chosen_by_time_zone(staff: Client) -> None:
    agent = butler()
    data = {"desired_state": "scheduled", "interval_minutes": "15", "office_hours_in": "Europe/Berlin"}
    text = staff.post(page_of(agent), data, follow=True).content.decode()
    assert "every 15 min in office hours (Europe/Berlin), set by hand" in text


def test_an_agent_is_put_back_on_its_plan_and_not_half(staff: Client) -> None:
    agent = butler()
    staff.post(page_of(agent), {"desired_state": "scheduled", "interval_minutes": "45"})
    data = {"desired_state": "scheduled", "interval_minutes": "45", "follows_plan": "on"}
    half = staff.post(page_of(agent), {**data, "interval_minutes": "30"})
    assert (half.status_code, wanted(agent)) == (422, ("scheduled", 45))
    assert "Switch this off to set the interval" in half.content.decode()
    text = staff.post(page_of(agent), data, follow=True).content.decode()
    assert "is now wanted scheduled, every 15 min." in text
    assert (wanted(agent), agent.follows_plan) == (("scheduled", 15), True)


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"interval_minutes": "4"}, "interval_minutes", "greater than or equal to 5"),
        ({"interval_minutes": "1441"}, "interval_minutes", "less than or equal to 1440"),
        ({"interval_minutes": "99999999999999999999"}, "interval_minutes", "less than or equal to 1440"),
        ({"interval_minutes": "-3"}, "interval_minutes", "greater than or equal to 5"),
        ({"interval_minutes": "often"}, "interval_minutes", "whole number"),
        ({"interval_minutes": ""}, "interval_minutes", "required"),
        ({"desired_state": "asleep"}, "desired_state", "valid choice"),
        ({"desired_state": ""}, "desired_state", "required"),
    ],
)
def test_a_wrong_wish_is_explained_next_to_its_field(
    staff: Client, data: dict[str, str], field: str, words: str
) -> None:
    agent = butler()
    reply = staff.post(page_of(agent), {"desired_state": "always_on", "interval_minutes": "15", **data})
    assert reply.status_code == 422
    (error,) = reply.context["form"].errors[field]
    assert words in error
    text = reply.content.decode()
    assert 0 < text.index(f'name="{field}"') < text.index(error.split(" is ")[0].replace("'", "&#x27;"))
    assert wanted(agent) == ("scheduled", 15)


def test_a_paused_customer_says_so(staff: Client) -> None:
    agent = butler()
    text = staff.get(page_of(agent)).content.decode()
    assert "is paused." not in text
    assert "Next run" in text or "It never ran." in text
    staff.post(f"/tenants/customer/{agent.tenant_id}/pause/")
    assert "Harborline Roofing is paused." in staff.get(page_of(agent)).content.decode()
    # A wish is taken all the same, a start is refused.
    staff.post(page_of(agent), {"desired_state": "always_on", "interval_minutes": "15"})
    assert wanted(agent) == ("always_on", 15)
    for address in (
        f"/agents/agent/{agent.pk}/start/",
        f"/tenants/customer/{agent.tenant_id}/agents/{agent.pk}/start/",
    ):
        reply = staff.post(address, follow=True).content.decode()
        assert "Harborline Roofing is paused. Resume the customer, then start the agent." in reply
        assert "Harborline Roofing: Harborline Roofing" not in reply
    with enter_platform():
        assert not AgentRun.objects.exists()


def test_other_reasons_why_nothing_starts_are_said(staff: Client) -> None:
    agent = butler(state="provisioning")
    with enter_platform():
        Agent.objects.filter(pk=agent.pk).update(breaker_reason="3 runs in a row failed. <b>")
    staff.post("/fleet/pause/", {"reason": "An incident"})
    text = staff.get(page_of(agent)).content.decode()
    assert "Every agent of every customer is paused." in text
    assert "Harborline Roofing is: Provisioning." in text
    assert "3 runs in a row failed. &lt;b&gt;" in text


@pytest.mark.parametrize("address", ["/agents/agent/{agent}", "/tenants/customer/{customer}/agents/{agent}"])
def test_an_agent_is_started_and_stopped_now(staff: Client, cluster: Cluster, address: str) -> None:
    with enter_platform():
        agent = make_agent()
    base = address.format(agent=agent.pk, customer=agent.tenant_id)
    assert "Butler was started." in staff.post(f"{base}/start/", follow=True).content.decode()
    with enter_platform():
        run = AgentRun.objects.get()
        assert run.requested_by is not None
        assert cluster.run_until(run, AgentRunState.RUNNING).trigger == "staff"
    assert "Stop now" in staff.get(page_of(agent)).content.decode()
    assert "already running" in staff.post(f"{base}/start/", follow=True).content.decode()
    assert "Butler was told to stop." in staff.post(f"{base}/stop/", follow=True).content.decode()
    with enter_platform():
        assert cluster.run_until(run, AgentRunState.SUCCEEDED).stopped_reason == "Stopped by staff."
    assert "was not running" in staff.post(f"{base}/stop/", follow=True).content.decode()
    assert "Start now" in staff.get(page_of(agent)).content.decode()


def test_seeing_agents_does_not_allow_changing_them() -> None:
    agent = butler()
    viewer = staff_with("view_agent", "view_customer", "change_customer")
    text = viewer.get(page_of(agent)).content.decode()
    assert "Wanted: scheduled, every 15 min" in text
    assert 'name="desired_state"' not in text
    assert "Start now" not in text
    assert ">Start</button>" not in viewer.get(f"/tenants/customer/{agent.tenant_id}/change/").content.decode()
    assert viewer.post(page_of(agent), {"desired_state": "stopped", "interval_minutes": "15"}).status_code == 403
    for base in (f"/agents/agent/{agent.pk}", f"/tenants/customer/{agent.tenant_id}/agents/{agent.pk}"):
        for verb in ("start", "stop"):
            assert viewer.post(f"{base}/{verb}/").status_code == 403, (base, verb)
    assert wanted(agent) == ("scheduled", 15)
    assert staff_with("view_customer").get(page_of(agent)).status_code == 403


def test_changes_need_a_post_with_a_token() -> None:
    agent = butler()
    client = signed_in(make_staff().email, enforce_csrf_checks=True)
    assert client.post(page_of(agent), {"desired_state": "stopped", "interval_minutes": "15"}).status_code == 403
    for base in (f"/agents/agent/{agent.pk}", f"/tenants/customer/{agent.tenant_id}/agents/{agent.pk}"):
        assert client.post(f"{base}/start/").status_code == 403
        assert client.get(f"{base}/start/").status_code == 405
        assert client.get(f"{base}/stop/").status_code == 405
    assert client.get(page_of(agent), {"desired_state": "stopped", "interval_minutes": "15"}).status_code == 200
    assert wanted(agent) == ("scheduled", 15)
    token = client.cookies["csrftoken"].value
    data = {"desired_state": "stopped", "interval_minutes": "15", "csrfmiddlewaretoken": token}
    assert client.post(page_of(agent), data).status_code == 302
    assert wanted(agent) == ("stopped", 15)


def test_another_customers_agent_and_an_unknown_one_are_404(staff: Client) -> None:
    agent, other = butler(), butler()
    assert staff.post(f"/tenants/customer/{other.tenant_id}/agents/{agent.pk}/start/").status_code == 404
    assert staff.get(f"/agents/agent/{uuid.uuid4()}/change/").status_code == 404
    assert staff.get("/agents/agent/nonsense/change/").status_code == 404
    assert staff.get(f"/agents/agent/{agent.pk}/fly/").status_code in (302, 404)


def test_the_last_run_is_explained(staff: Client) -> None:
    agent = butler()
    with enter_platform():
        run = make_run(agent, state="failed", exit_code=67)
    text = staff.get(page_of(agent)).content.decode()
    assert "Google no longer accepts" in text
    assert "Ask the customer to connect Gmail again." in text
    assert f"/agents/agentrun/{run.pk}/log/" in text
