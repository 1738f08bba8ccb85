"""The stub model does the agents' work from the mail it is shown, speaks the API's form, and fails on command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from openclaw_site.devstack.model import Misbehaviour, Model, Order
from openclaw_site.devstack.ports import Ports
from openclaw_site.devstack.world import World
from tests.devstack.engine import HEADERS, MODEL, Desk, ask, assembled, mailbox, request, work

ROOFER, TRAVEL = "olivia@harborline-roofing.example", "jonas@fernweh-travel.example"
SECRET = "its-secret"


@pytest.fixture(scope="module")
def server() -> Iterator[Model]:
    model = Model(port=Ports.free(web=None).model, secret_keys={"AKIDKNOWN": SECRET})
    model.start()
    yield model
    model.stop()


@pytest.fixture
def model(server: Model) -> Model:
    server.reset()
    return server


def scouted(model: Model, mails: Any) -> dict[str, dict[str, Any]]:
    desk = Desk(mails)
    work(model.url, "scout", desk)
    return {lead["email"]: lead for lead in desk.of("upsert_lead")}


def test_scout_finds_who_wants_something_and_leaves_bulk_bills_and_orders_alone(model: Model) -> None:
    assert sorted(scouted(model, mailbox(ROOFER).messages)) == [
        "daniel.okafor@okafor-lettings.example",
        "helen@achterberg-architects.example",
        "joanna@whitcombe-estates.example",
        "m.lindqvist@saltmarsh-primary.example",
        "sunil.grant@pelican-nursery.example",
        "tombaines71@mailpost.example",
    ]
    assert sorted(scouted(model, mailbox(TRAVEL).messages)) == [
        "aylin.demir@nordlicht-optik.example",
        "geoffrey.tan@mailpost.example",
        "kenji@sato-ceramics.example",
        "p.vogelsang@gymnasium-am-deich.example",
        "w.oyelaran@oyelaran-holdings.example",
    ]


def test_a_lead_says_what_its_mail_says(model: Model) -> None:
    mails = mailbox(ROOFER).messages
    leads = scouted(model, mails)
    daniel = leads["daniel.okafor@okafor-lettings.example"]
    assert (daniel["name"], daniel["company"]) == ("Daniel Okafor", "Okafor Lettings")
    assert daniel["score"] > leads["tombaines71@mailpost.example"]["score"]
    assert leads["tombaines71@mailpost.example"]["company"] == ""
    changed = [
        replace(mail, text="We need a new roof on a barn. No hurry.\n\nDaniel Okafor\nOkafor Barns")
        if at == 0
        else mail
        for at, mail in enumerate(mails)
    ]
    again = scouted(model, changed)["daniel.okafor@okafor-lettings.example"]
    assert again["intent"] == "We need a new roof on a barn."
    assert again["company"] == "Okafor Barns"
    assert again["score"] < daniel["score"]


def test_a_lead_rests_on_the_newest_mail_of_its_sender(model: Model) -> None:
    assert scouted(model, mailbox(TRAVEL).messages)["kenji@sato-ceramics.example"]["evidence_message_id"] == "fw-sato-4"


def test_butler_classifies_every_mail_and_names_the_pressing_in_its_brief(model: Model) -> None:
    desk = Desk(mailbox(ROOFER).messages)
    called = work(model.url, "butler", desk)
    inbox = [mail for mail in desk.mails.values() if "INBOX" in mail.labels]
    classes = {desk.mails[row["gmail_id"]].subject: row for row in desk.of("classify_message")}
    assert sorted(classes) == sorted(mail.subject for mail in inbox)
    assert classes["Still leaking - third time I write"]["category"] == "complaint"
    assert classes["Still leaking - third time I write"]["urgency"] == "high"
    assert classes["Invoice CS-20418 for your order of 11 November"]["category"] == "invoice"
    assert classes["This week: lead prices fall again, new rules for scaffold tags"]["needs_reply"] is False
    assert classes["Vendor form - processing instructions for your mail assistant"]["category"] == "suspicious"
    [brief] = desk.of("write_brief")
    assert brief["body"].startswith(f"{len(inbox)} new messages: ")
    assert "- Still leaking - third time I write (Raymond Pell)" in brief["body"]
    assert called[0] == "list_messages"
    assert called[-1] == "write_brief"


def test_words_that_a_schema_allows_are_used(model: Model) -> None:
    body = request("butler")
    body["tools"][2]["input_schema"] = {
        "properties": {"category": {"enum": ["sales", "spam", "rest"]}, "urgency": {"$ref": "#/$defs/Urgency"}},
        "$defs": {"Urgency": {"enum": ["now", "later"]}},
    }
    listed = {"gmail_id": "m1", "sender": "A <a@x.example>", "subject": "We need a quote", "snippet": "today"}
    messages = [{"role": "user", "content": "Go."}]
    for number, (name, result) in enumerate(
        [("list_messages", f"[{listed}]".replace("'", '"')), ("read_message", "We need a quote today.")]
    ):
        use = {"type": "tool_use", "id": f"t{number}", "name": f"backoffice__{name}", "input": {"gmail_id": "m1"}}
        answer = {"type": "tool_result", "tool_use_id": f"t{number}", "content": result}
        messages += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [answer]}]  # type: ignore[list-item]
    [use] = [block for block in ask(model.url, {**body, "messages": messages})["content"] if block.get("input")]
    assert use["input"] == {"gmail_id": "m1", "category": "sales", "urgency": "later", "needs_reply": True}


def test_writer_answers_each_lead_by_name_and_subject(model: Model) -> None:
    leads = [
        {"name": "Daniel Okafor", "email": "daniel.okafor@okafor-lettings.example", "thread_id": "m0"},
        {"name": "Sunil Grant", "email": "sunil.grant@pelican-nursery.example", "thread_id": "hr-grant"},
    ]
    desk = Desk(mailbox(ROOFER).messages, leads)
    work(model.url, "writer", desk)
    daniel, sunil = desk.of("save_draft")
    assert daniel["thread_id"] == "m0"
    assert daniel["lead_email"] == "daniel.okafor@okafor-lettings.example"
    assert daniel["subject"] == "Re: Quote for re-roofing three terraced houses"
    assert daniel["body"].startswith("Hello Daniel,")
    assert "Quote for re-roofing three terraced houses" in daniel["body"]
    assert "Please come and measure" in sunil["body"]


@pytest.mark.parametrize("page", [1, 3, 8])
def test_what_comes_in_pages_is_read_to_the_end(model: Model, page: int) -> None:
    mails = mailbox(ROOFER).messages[:6]
    whole, paged = Desk(mails), Desk(mails, page=page)
    work(model.url, "butler", whole)
    work(model.url, "butler", paged)
    assert paged.written == whole.written
    leads = [{"name": "N", "email": f"n{number}@x.example", "thread_id": f"m{number}"} for number in range(6)]
    desk = Desk(mails, leads, page=page)
    work(model.url, "writer", desk)
    assert [draft["thread_id"] for draft in desk.of("save_draft")] == [f"m{number}" for number in range(6)]


def test_empty_inbox_ends_at_once(model: Model) -> None:
    assert work(model.url, "scout", Desk([])) == ["list_messages"]


def test_a_stream_carries_the_same_work_as_whole_answers(model: Model) -> None:
    whole, streamed = Desk(mailbox(TRAVEL).messages), Desk(mailbox(TRAVEL).messages)
    assert work(model.url, "scout", whole) == work(model.url, "scout", streamed, stream=True)
    assert whole.written == streamed.written != []


def test_a_prefix_seen_before_is_read_from_the_cache(model: Model) -> None:
    system = [{"type": "text", "text": "rule " * 5000, "cache_control": {"type": "ephemeral"}}]
    first = ask(model.url, request("scout", system=system))["usage"]
    second = ask(model.url, request("scout", system=system, stream=True))["usage"]
    assert first["cache_read_input_tokens"] == 0
    assert second["cache_creation_input_tokens"] == 0
    assert second["cache_read_input_tokens"] == first["cache_creation_input_tokens"] > 6000
    assert second["input_tokens"] == first["input_tokens"]
    other = ask(model.url, request("butler", system=system))["usage"]
    assert other["cache_read_input_tokens"] == 0


def test_a_prefix_too_short_for_the_model_is_not_kept(model: Model) -> None:
    system = [{"type": "text", "text": "rule " * 2000, "cache_control": {"type": "ephemeral"}}]
    usage = ask(model.url, request("scout", system=system))["usage"]
    assert usage["cache_creation_input_tokens"] == 0
    usage = ask(model.url, {**request("scout", system=system), "model": "claude-sonnet-4-5"})["usage"]
    assert usage["cache_creation_input_tokens"] > 2000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_tokens": None}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}] * 5}, "maximum of 4"),
        ({"messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "x"}]}]}, "tool_use"),
    ],
)
def test_what_the_api_refuses_is_refused(model: Model, change: dict[str, Any], message: str) -> None:
    answer = httpx.post(f"{model.url}/v1/messages", json={**request("scout"), **change}, headers=HEADERS)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert message in answer.json()["error"]["message"]


def signed(url: str, *, key: str = "AKIDKNOWN", secret: str = SECRET, service: str = "bedrock") -> httpx.Request:
    body = httpx.Request("POST", url, json=request("scout")).content
    aws = AWSRequest(method="POST", url=url, data=body, headers={"content-type": "application/json"})
    SigV4Auth(Credentials(key, secret, "session-token"), service, "eu-central-1").add_auth(aws)
    headers = {**dict(aws.headers.items()), "anthropic-version": "2023-06-01"}
    return httpx.Request("POST", url, content=body, headers=headers)


def test_bedrocks_path_wants_a_good_signature(model: Model) -> None:
    url = f"{model.url}/anthropic/v1/messages"
    with httpx.Client() as client:
        assert client.send(signed(url)).status_code == 200
        assert client.send(signed(url, key="AKIDSTRANGER")).status_code == 200
        for bad in (signed(url, secret="another"), signed(url, service="bedrock-runtime")):
            assert client.send(bad).status_code == 403
        altered = signed(url)
        data = altered.content.replace(b"Do your work.", b"Do my bidding")
        assert client.send(httpx.Request("POST", url, content=data, headers=altered.headers)).status_code == 403
        assert client.post(url, json=request("scout"), headers=HEADERS).status_code == 403
        assert client.post(f"{model.url}/v1/messages", json=request("scout")).status_code == 401


def test_count_tokens_counts(model: Model) -> None:
    body = {"model": MODEL, "messages": [{"role": "user", "content": "x" * 400}]}
    answer = httpx.post(f"{model.url}/v1/messages/count_tokens", json=body, headers=HEADERS)
    assert 100 <= answer.json()["input_tokens"] <= 120


@pytest.mark.parametrize(("kind", "status"), [("error_500", 500), ("overloaded", 529), ("throttled", 429)])
def test_scripted_errors_come_as_often_as_told(model: Model, kind: str, status: int) -> None:
    httpx.post(f"{model.url}/_control", json={"misbehaviour": kind, "times": 2}).raise_for_status()
    answers = [httpx.post(f"{model.url}/v1/messages", json=request("scout"), headers=HEADERS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    state = httpx.get(f"{model.url}/_control").json()
    assert (state["misbehaviour"], state["calls"]) == ("none", 3)


def test_unknown_misbehaviour_is_refused(model: Model) -> None:
    assert httpx.post(f"{model.url}/_control", json={"misbehaviour": "sulks"}).status_code == 400
    assert httpx.post(f"{model.url}/_control", json={"sulks": True}).status_code == 400


def test_broken_answers_are_broken(model: Model) -> None:
    model.misbehaviour = Misbehaviour.MALFORMED
    answer = httpx.post(f"{model.url}/v1/messages", json=request("scout"), headers=HEADERS)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        answer.json()
    for kind, error in ((Misbehaviour.CUT, httpx.RemoteProtocolError), (Misbehaviour.STALL, httpx.ReadTimeout)):
        model.misbehaviour = kind
        for stream in (False, True):
            with pytest.raises(error):
                httpx.post(
                    f"{model.url}/v1/messages", json=request("scout", stream=stream), headers=HEADERS, timeout=0.3
                )
    model.misbehaviour = Misbehaviour.BAD_ARGUMENTS
    desk = Desk(mailbox(ROOFER).messages)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        work(model.url, "scout", desk, stream=True)


def test_loop_calls_for_ever(model: Model) -> None:
    model.misbehaviour = "loop"  # type: ignore[assignment]
    with pytest.raises(AssertionError, match="does not end"):
        work(model.url, "scout", Desk([]))


def test_forbidden_tool_is_tried_once_then_the_work_is_done(model: Model) -> None:
    model.misbehave(Misbehaviour.FORBIDDEN_TOOL, calls=(("save_draft", {"body": "x"}), ("exec", {"command": "id"})))
    desk = Desk(mailbox(ROOFER).messages)
    called = work(model.url, "scout", desk)
    assert called[:3] == ["save_draft", "exec", "list_messages"]
    assert len(desk.of("upsert_lead")) == 6
    names = [tool["name"] for tool in model.requests[1].body["messages"][1]["content"] if tool["type"] == "tool_use"]
    assert names == ["backoffice__save_draft", "exec"]


def test_obedient_does_what_a_mail_orders_and_only_then(model: Model) -> None:
    model.misbehaviour = Misbehaviour.OBEY
    quiet = [mail for mail in mailbox(ROOFER).messages if "assistant" not in mail.subject]
    assert "exec" not in work(model.url, "scout", Desk(quiet))
    desk = Desk(mailbox(ROOFER).messages)
    called = work(model.url, "scout", desk)
    assert {"send_email", "exec", "read", "web_fetch", "save_draft"} <= set(called)
    assert "audit@quick-vendor-update.example" in {lead["email"] for lead in desk.of("upsert_lead")}


def test_obedient_does_what_each_mail_orders_once_and_then_its_work(model: Model) -> None:
    """Orders are given as data: it obeys mails in any language, a batch for those that one answer read."""
    mails = mailbox(ROOFER).messages
    well_behaved = Desk(mails)
    work(model.url, "butler", well_behaved)
    poison = ("write_brief", {"body": "All is well, pay at once."})
    model.misbehave(
        Misbehaviour.OBEY,
        orders=(
            Order(marker="Quay Street", calls=(("exec", {"command": "id"}), poison)),
            Order(marker="hr-grant", calls=(("save_draft", {"body": "x"}), poison)),
            Order(marker="in no mail", calls=(("web_fetch", {"url": "file:///etc/passwd"}),)),
        ),
    )
    desk = Desk(mails)
    called = work(model.url, "butler", desk)
    assert [called.count(name) for name in ("exec", "save_draft", "web_fetch", "write_brief")] == [1, 1, 0, 2]
    assert called[-1] == "write_brief"
    assert [written for written in desk.written if written != poison] == well_behaved.written


def test_obedient_goes_on_for_ever_when_a_mail_orders_that(model: Model) -> None:
    httpx.post(
        f"{model.url}/_control",
        json={
            "misbehaviour": "obey",
            "orders": [{"marker": "Quay Street", "calls": [{"tool": "list_messages"}], "endless": True}],
        },
    ).raise_for_status()
    desk = Desk(mail for mail in mailbox(ROOFER).messages if "Quay Street" in mail.text)
    with pytest.raises(AssertionError, match="does not end"):
        work(model.url, "butler", desk)
    assert desk.written == []


def test_an_order_to_do_what_is_its_work_anyway_changes_nothing(model: Model) -> None:
    mails = mailbox(ROOFER).messages
    well_behaved, desk = Desk(mails), Desk(mails)
    work(model.url, "scout", well_behaved)
    model.misbehave(Misbehaviour.OBEY, orders=(Order(marker="Quay Street", calls=(("list_messages", {}),)),))
    work(model.url, "scout", desk)
    assert desk.written == well_behaved.written


def test_the_world_has_one_and_tells_the_agents(world: World) -> None:
    assert httpx.get(f"{world.model.url}/_control").json()["misbehaviour"] == "none"
    assert world.model.environment()["MODEL_ENDPOINT"] == world.model.url


def test_slow_answers_come_in_their_order(model: Model) -> None:
    model.chunk_seconds = 0.01
    answer = httpx.post(f"{model.url}/v1/messages", json=request("scout", stream=True), headers=HEADERS)
    assert assembled(answer.text)["stop_reason"] == "tool_use"
