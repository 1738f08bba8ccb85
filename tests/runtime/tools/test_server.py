"""Who is let in, what is listed, what is refused, and how the server comes and goes."""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from agents.runtime.logging import RuntimeLog
from agents.runtime.retry import Transient
from agents.runtime.tools import Lot, ToolServer
from agents.runtime.tools.registry import TOOLS_OF_ROLE
from tests.runtime.factories import make_message
from tests.runtime.tools.conftest import TOKEN
from tests.runtime.tools.engine import NO_TLS
from tests.runtime.tools.lots import keep, messages

ROOT = Path(__file__).resolve().parents[3]
TOOLS = {
    "butler": {"list_messages", "read_message", "classify_message", "write_brief"},
    "scout": {"list_messages", "read_message", "upsert_lead"},
    "writer": {"list_leads", "read_thread", "save_draft"},
}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


def post(url, *, content=None, **headers):
    usual = {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
    }
    given = {name: value for name, value in {**usual, **headers}.items() if value is not None}
    return httpx.post(url, content=content or json.dumps(PING), headers=given, timeout=20, verify=NO_TLS)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("role", TOOLS)
def test_role_is_offered_its_own_tools(serve, role, mode):
    listed = serve(role, mode=mode).tools()
    assert set(listed) == TOOLS[role]
    for tool in listed.values():
        assert tool.description
        assert tool.input_schema["type"] == "object"
        assert tool.input_schema["additionalProperties"] is False


def test_fixed_words_stand_in_the_schema(serve):
    schema = serve("butler").tools()["classify_message"].input_schema
    assert schema["properties"]["urgency"]["enum"] == ["high", "normal", "low"]
    assert "inquiry" in schema["properties"]["category"]["enum"]


@pytest.mark.parametrize("role", TOOLS)
def test_other_roles_tools_are_refused_by_the_server(serve, rows, role):
    engine = serve(role)
    foreign = sorted(set().union(*TOOLS.values()) - TOOLS[role])
    for tool in foreign:
        assert "There is no such tool here" in engine.refused(tool, gmail_id="m1", body="hush")
    assert [row[0] for row in rows.rows("activities", "kind")] == ["tool_refused"] * len(foreign)
    assert rows.rows("activities", "data") == [({"tool": tool},) for tool in foreign]
    assert engine.server.calls == {(tool, "refused"): 1 for tool in foreign}


@pytest.mark.parametrize("tool", ["send_email", "exec", "hush: the text of a mail", "../hush", ""])
def test_unknown_tool_is_refused_without_its_name_being_kept(serve, rows, tool):
    assert "There is no such tool here" in serve("writer").refused(tool, to="eve@hush.example")
    assert rows.rows("activities", "kind, data") == [("tool_refused", {"tool": "unknown"})]


def test_nothing_can_send(serve):
    names = {name for tools in TOOLS_OF_ROLE.values() for name in tools}
    assert names == set().union(*TOOLS.values())


def test_newer_clients_call_as_the_older_ones(serve, rows):
    keep(rows, make_message(1))
    engine = serve("butler", mode="auto", lot=messages(1))
    assert [row["gmail_id"] for row in engine.call("list_messages")["messages"]] == ["m1"]
    assert "There is no such tool" in engine.refused("save_draft", body="hush")


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x"]
)
def test_without_the_token_nobody_gets_in(serve, rows, authorization):
    answer = post(serve("butler").url, Authorization=authorization)
    assert (answer.status_code, answer.text) == (401, "Unauthorized")
    assert rows.rows("activities") == []


def test_two_tokens_are_none(serve):
    parts = urlsplit(serve("butler").url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.putrequest("POST", parts.path)
    for token in ("wrong", TOKEN):
        connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    assert connection.getresponse().status == 401
    connection.close()


def test_other_hosts_origins_methods_and_paths_are_refused(serve):
    url = serve("butler").url
    assert post(url).status_code == 200
    assert post(url, Host="tools.example").status_code == 421
    assert post(url, Origin="http://evil.example").status_code == 403
    assert post(url, Origin=url.removesuffix("/mcp")).status_code == 403
    assert post(url.replace("/mcp", "/other")).status_code == 404
    for method in ("GET", "DELETE", "OPTIONS"):
        answer = httpx.request(method, url, headers={"Authorization": f"Bearer {TOKEN}"}, verify=NO_TLS)
        assert answer.status_code == 405


def test_oversized_request_is_refused_unread(serve, rows):
    assert post(serve("butler").url, content=b"x" * 300_000).status_code == 413
    assert rows.rows("activities") == []


def test_only_loopback_is_listened_on(serve):
    assert urlsplit(serve("butler").url).hostname == "127.0.0.1"


def test_no_session_is_kept(serve):
    assert "mcp-session-id" not in post(serve("butler").url).headers


def test_parallel_calls_take_turns_with_the_database(serve, rows):
    keep(rows, *(make_message(number) for number in range(1, 9)))
    open_now, most = [], []

    @contextlib.contextmanager
    def counted(opening):
        with opening as store:
            open_now.append(store)
            most.append(len(open_now))
            time.sleep(0.02)
            yield store
            open_now.pop()

    butler = serve("butler", around=counted, lot=messages(*range(1, 9)))
    choice = {"category": "other", "urgency": "low", "needs_reply": False}
    threads = [
        threading.Thread(target=butler.call, args=("classify_message",), kwargs={"gmail_id": f"m{number}", **choice})
        for number in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == [1] * 8
    assert rows.rows("inbox_messages", "category") == [("other",)] * 8
    assert len(rows.rows("activities")) == 8


def test_stopped_server_leaves_neither_port_nor_thread(mailbox):
    before = set(threading.enumerate())
    server = ToolServer(role="butler", store_factory=None, mailbox=mailbox, token=TOKEN, log=RuntimeLog(), lot=Lot())
    with server:
        url = server.url
        assert post(url).status_code == 200
        started = time.monotonic()
    assert time.monotonic() - started < 2
    with pytest.raises(httpx.ConnectError):
        post(url)
    assert set(threading.enumerate()) <= before


def test_call_that_waits_for_gmail_hears_of_the_stop(serve, rows, lines):
    keep(rows, make_message(1))
    waiting = threading.Event()

    class Busy:
        def body(self, gmail_id, patience):
            def ask():
                waiting.set()
                raise Transient("busy", after_seconds=10)

            return patience.call(ask)

    engine = serve("butler", source=Busy())

    def ask():
        with pytest.raises(BaseException):  # noqa: B017  # the connection goes, however the client says so
            engine.call("read_message", gmail_id="m1")

    thread = threading.Thread(target=ask)
    thread.start()
    assert waiting.wait(20)
    started = time.monotonic()
    engine.server.__exit__(None, None, None)
    assert time.monotonic() - started < 3
    thread.join(20)
    assert engine.server.calls == {("read_message", "stopped"): 1}
    assert [data["outcome"] for (data,) in rows.rows("activities", "data")] == ["stopped"]
    assert not any("tools_abandoned" in line for line in lines)


def test_server_that_cannot_load_turns_callers_away(mailbox, lines, monkeypatch):
    monkeypatch.setitem(sys.modules, "agents.runtime.tools.protocol", None)
    monkeypatch.delattr("agents.runtime.tools.protocol", raising=False)
    log = RuntimeLog(write=lines.append)
    with ToolServer(role="butler", store_factory=None, mailbox=mailbox, token=TOKEN, log=log, lot=Lot()) as server:
        server._thread.join(20)
        with pytest.raises(httpx.ConnectError):
            post(server.url)
    assert '"event": "tools_failed"' in lines[0]


def test_server_without_a_token_is_not_made(mailbox):
    with pytest.raises(ValueError, match="token"):
        ToolServer(role="butler", store_factory=None, mailbox=mailbox, token="", log=RuntimeLog(), lot=Lot())


def test_fresh_process_has_its_address_at_once_and_answers_soon():
    program = """
import json, time, urllib.request
from agents.runtime.logging import RuntimeLog
from agents.runtime.retry import Transient
from agents.runtime.tools import Lot, ToolServer
started = time.monotonic()
given = {"store_factory": None, "mailbox": None, "log": RuntimeLog(), "lot": Lot()}
with ToolServer(role="butler", token="t", **given) as server:
    entered = time.monotonic() - started
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
    headers = {"Authorization": "Bearer t", "Content-Type": "application/json", "Accept": "application/json"}
    urllib.request.urlopen(urllib.request.Request(server.url, body, headers), timeout=20).read()
    print(entered, time.monotonic() - started)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    entered, answered = map(float, run.stdout.split())
    assert entered < 0.2
    assert answered < 10
