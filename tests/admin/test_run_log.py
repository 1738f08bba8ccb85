"""The page with a run's last log lines."""

import time
import uuid

import pytest
from django.test import Client

from agents.models import AgentRun
from openclaw_site.aws import clients
from openclaw_site.devstack.world import World
from tenants.isolation.context import enter_platform
from tests.admin.clients import staff_with
from tests.agents.factories import agent_of, make_run, task_arn
from tests.factories import make_customer

pytestmark = pytest.mark.usefixtures("database", "aws")
GROUP = "/openclaw/dev/agents"


def run_of(**fields: object) -> AgentRun:
    """A failed run of a Butler."""
    values = {"state": "failed", "exit_code": 67, "task_arn": task_arn(), **fields}
    with enter_platform():
        return make_run(agent_of(make_customer(state="active", name="Harborline Roofing")), **values)


def write(world: World, run: AgentRun, *messages: str) -> None:
    """The run's task writes."""
    logs = world.aws.client("logs")
    stream = f"butler/openclaw-butler/{run.task_arn.rsplit('/', 1)[-1]}"
    logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    now = int(time.time() * 1000)
    events = [{"timestamp": now + step, "message": text} for step, text in enumerate(messages)]
    logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)


def log_of(run: AgentRun) -> str:
    return f"/agents/agentrun/{run.pk}/log/"


def test_the_last_200_lines_stand_with_cause_and_next_action(staff: Client, aws: World) -> None:
    run = run_of()
    write(aws, run, *[f"line {number};" for number in range(250)])
    text = staff.get(log_of(run)).content.decode()
    positions = [text.find(f"line {number};") for number in range(50, 250)]
    assert positions == sorted(positions)
    assert -1 not in positions
    assert "line 49;" not in text
    assert "The last 200 lines" in text
    assert "Google no longer accepts the customer&#x27;s refresh token. (exit code 67)" in text
    assert "Ask the customer to connect Gmail again." in text
    assert "console.aws.amazon.com/cloudwatch" in text
    assert f'href="{log_of(run)}">Refresh</a>' in text


def test_a_line_full_of_markup_is_shown_as_text(staff: Client, aws: World) -> None:
    run = run_of()
    write(aws, run, "<script>alert(1)</script> & <b>")
    text = staff.get(log_of(run)).content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in text
    assert "1 line " in text


def test_a_run_that_wrote_nothing_says_so(staff: Client) -> None:
    assert "No line yet." in staff.get(log_of(run_of(state="requested", task_arn="", exit_code=None))).content.decode()
    assert "No line: the run has ended without writing one." in staff.get(log_of(run_of())).content.decode()
    never = staff.get(log_of(run_of(task_arn=""))).content.decode()
    assert "it never had a task" in never
    assert "console.aws.amazon.com/cloudwatch" in never


@pytest.mark.parametrize("state", ["failed", "running"])
def test_an_aws_that_does_not_answer_is_said(staff: Client, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    run = run_of(state=state)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        clients.reset_clients()
        reply = staff.get(log_of(run))
    clients.reset_clients()
    text = reply.content.decode()
    assert reply.status_code == 200
    words = {"failed": "The log could not be read.", "running": "ECS could not be asked about the task"}
    assert words[state] in text
    assert "no answer from the endpoint" in text
    assert "Check the network path to AWS" in text
    assert "No line could be read." in text
    assert "console.aws.amazon.com/cloudwatch" in text


def test_a_missing_log_group_says_what_to_do(staff: Client, settings: object) -> None:
    settings.AGENT_LOG_GROUP = "/no/such/group"  # type: ignore[attr-defined]
    text = staff.get(log_of(run_of())).content.decode()
    assert "The log could not be read." in text
    assert "AGENT_LOG_GROUP" in text


def test_the_runs_and_the_customers_page_lead_to_the_log(staff: Client) -> None:
    run = run_of()
    for url in (f"/agents/agentrun/{run.pk}/change/", f"/tenants/customer/{run.tenant_id}/change/"):
        assert log_of(run) in staff.get(url).content.decode(), url


def test_the_log_is_for_staff_who_may_see_runs() -> None:
    run = run_of()
    assert staff_with("view_agentrun").get(log_of(run)).status_code == 200
    other = staff_with("view_customer", "change_customer", "view_agent")
    assert other.get(log_of(run)).status_code == 403
    assert log_of(run) not in other.get(f"/tenants/customer/{run.tenant_id}/change/").content.decode()
    assert "/login/" in Client(headers={"host": "admin.localhost"}).get(log_of(run))["Location"]


def test_an_unknown_run_is_404(staff: Client) -> None:
    assert staff.get(f"/agents/agentrun/{uuid.uuid4()}/log/").status_code == 404
