"""The whole program as a process: what it stores, says and exits with."""

import json

from agents.runtime.exits import Exit
from tests.runtime.loopback_gmail import Answer, api_error


def ended_with(agent):
    """The exit code, after the last log line was found to say the same."""
    code = agent.wait()
    assert json.loads(agent.lines[-1])["exit_code"] == code, agent.text
    return Exit(code)


def test_new_mail_is_stored_with_proof_and_usage(customer, gmail, start_agent):
    gmail.deliver(12)
    environ = customer.environ(GMAIL_API_ENDPOINT=gmail.url)
    agent = start_agent(customer, AGENT_RUN_ID=environ["AGENT_RUN_ID"])
    assert ended_with(agent) is Exit.OK
    columns = "gmail_id, thread_id, sender, recipient, subject, snippet, label_ids, tenant_id::text"
    stored = sorted(customer.rows("inbox_messages", columns))
    assert [row[0] for row in stored] == sorted(f"m{number}" for number in range(1, 13))
    sender = "Sender-hush 1 <s1@example.org>"
    expected = ("m1", "t1", sender, "owner@acme.example", "Subject-hush 1", "Snippet-hush 1", ["INBOX"])
    assert stored[0][:-1] == expected
    assert {row[-1].replace("-", "") for row in stored} == {customer.tenant}
    read, proof, usage = (customer.told(kind) for kind in ("inbox_read", "proof_of_life", "usage"))
    assert read == ("inbox_read", {"new": 12, "total": 12}, "butler")
    assert proof[0] == "proof_of_life"
    assert proof[1].pop("role_arn").split("/")[1] == f"t_{customer.tenant}"
    assert proof[1] == {"task_arn": None, "messages_seen": 12, "engine_version": "unknown"}
    assert usage[1].pop("seconds") > 0
    assert usage[1] == {"gmail_calls": 14, "messages_read": 12}
    runs = {str(row[0]) for row in customer.rows("activities", "agent_run_id")}
    assert runs == {environ["AGENT_RUN_ID"]}


def test_agents_at_the_same_time_store_each_message_once(customer, gmail, start_agent):
    gmail.deliver(20)
    agents = [start_agent(customer, AGENT_ROLE=role) for role in ("butler", "scout", "writer")]
    assert [ended_with(agent) for agent in agents] == [Exit.OK] * 3
    assert len(customer.rows("inbox_messages")) == 20
    assert sum(data["new"] for kind, data, _ in customer.activities() if kind == "inbox_read") == 20


def test_mail_address_and_tokens_stay_out_of_log_and_activities(customer, gmail, start_agent):
    gmail.deliver(2)
    gmail.list_faults = [api_error(503, "backendError"), api_error(429, "rateLimitExceeded")]
    agent = start_agent(customer)
    assert ended_with(agent) is Exit.OK
    written = agent.text + str(customer.rows("activities"))
    for secret in ("hush", "acme.example", "s1@example.org", "Bearer"):
        assert secret not in written
    tags = {(record["role"], record["tenant"]) for record in map(json.loads, agent.lines)}
    assert tags == {("butler", customer.tenant)}


def test_revoked_consent(customer, gmail, start_agent):
    gmail.token_faults = [Answer(400, {"error": "invalid_grant", "error_description": "Token hush revoked"})]
    agent = start_agent(customer)
    assert ended_with(agent) is Exit.TOKEN_REVOKED
    assert "hush" not in agent.text
    assert customer.rows("activities") == []


def test_incomplete_environment_names_everything(customer, start_agent):
    agent = start_agent(customer, DATABASE_HOST=None, AGENT_ROLE="king", TENANT_ID=None)
    assert ended_with(agent) is Exit.CONFIG
    detail = agent.events("ended")[0]["detail"]
    assert "TENANT_ID is missing" in detail
    assert "DATABASE_HOST is missing" in detail
    assert "AGENT_ROLE must be one of" in detail
