"""A small engine for the stub model: it offers tools over a mailbox, makes the calls, and hands the results back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from openclaw_site.devstack.google.mailbox import Mail, Mailbox, demo_mailboxes

HEADERS = {"anthropic-version": "2023-06-01", "x-api-key": "key"}
MODEL = "claude-haiku-4-5-20251001"
ROLES = {
    "butler": ("list_messages", "read_message", "classify_message", "write_brief"),
    "scout": ("list_messages", "read_message", "upsert_lead"),
    "writer": ("list_leads", "read_thread", "save_draft"),
}


def mailbox(email: str) -> Mailbox:
    return next(box for box in demo_mailboxes() if box.email == email)


def request(role: str, messages: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """A request of a role's engine; its tools have the prefix that OpenClaw gives them."""
    return {
        "model": MODEL,
        "max_tokens": 4096,
        "messages": messages or [{"role": "user", "content": "Do your work."}],
        "tools": [{"name": f"backoffice__{name}", "input_schema": {"type": "object"}} for name in ROLES[role]],
        **more,
    }


class Desk:
    """The tools of all roles over some mails, and what was written with them."""

    def __init__(self, mails: Iterable[Mail], leads: Iterable[dict[str, Any]] = (), *, page: int = 50) -> None:
        self.mails = {mail.id or f"m{number}": mail for number, mail in enumerate(mails)}
        self.leads = list(leads)
        self._page = page
        self.written: list[tuple[str, dict[str, Any]]] = []

    def answer(self, name: str, arguments: dict[str, Any]) -> str:
        if name == "list_messages":
            rows = [self._row(number) for number, mail in self.mails.items() if "INBOX" in mail.labels]
            rows.sort(key=lambda row: str(row["received_at"]))
            begun = next((at + 1 for at, row in enumerate(rows) if row["gmail_id"] == arguments.get("after")), 0)
            shown = rows[begun : begun + self._page]
            more = (
                f"There are more: call again with after={shown[-1]['gmail_id']}"
                if len(rows) > begun + len(shown)
                else ""
            )
            return json.dumps({"messages": shown, **({"more": more} if more else {})}, ensure_ascii=False)
        if name == "read_message":
            number = arguments["gmail_id"]
            return json.dumps({**self._row(number), "body": self.mails[number].text}, ensure_ascii=False)
        if name == "list_leads":
            drafted = {draft["lead_email"] for draft in self.of("save_draft")}
            waiting = [lead for lead in self.leads if lead["email"] not in drafted]
            more = {"more": "More wait: call again."} if len(waiting) > self._page else {}
            return json.dumps({"leads": waiting[: self._page], **more})
        if name == "read_thread":
            thread = [
                {**self._row(number), "body": mail.text}
                for number, mail in self.mails.items()
                if (mail.thread or number) == arguments["thread_id"]
            ]
            return json.dumps({"thread_id": arguments["thread_id"], "messages": thread}, ensure_ascii=False)
        self.written.append((name, arguments))
        return "Done."

    def of(self, name: str) -> list[dict[str, Any]]:
        return [arguments for written, arguments in self.written if written == name]

    def _row(self, number: str) -> dict[str, Any]:
        mail = self.mails[number]
        return {
            "gmail_id": number,
            "thread_id": mail.thread or number,
            "sender": mail.sender,
            "subject": mail.subject,
            "snippet": mail.text[:80],
            "received_at": f"2026-09-01T{1000 - mail.hours_ago:07.2f}",
        }


def work(url: str, role: str, desk: Desk, *, stream: bool = False, headers: dict[str, str] | None = None) -> list[str]:
    """Talk until the model is done; the tools it called, in order. AssertionError past 40 requests."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Do your work."}]
    called: list[str] = []
    for _ in range(40):
        answer = ask(url, request(role, messages, stream=stream), headers=headers)
        uses = [block for block in answer["content"] if block["type"] == "tool_use"]
        if not uses:
            assert answer["stop_reason"] == "end_turn"
            return called
        called += [use["name"].removeprefix("backoffice__") for use in uses]
        offered = {f"backoffice__{name}" for name in ROLES[role]}
        results = [
            {
                "type": "tool_result",
                "tool_use_id": use["id"],
                **(
                    {"content": [{"type": "text", "text": desk.answer(use["name"].split("__")[-1], use["input"])}]}
                    if use["name"] in offered
                    else {"content": "There is no such tool.", "is_error": True}
                ),
            }
            for use in uses
        ]
        messages += [{"role": "assistant", "content": answer["content"]}, {"role": "user", "content": results}]
    raise AssertionError("It does not end.")


def ask(url: str, body: dict[str, Any], *, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """The answer's message, put together from its events when it streams."""
    answer = httpx.post(f"{url}/v1/messages", json=body, headers=headers or HEADERS, timeout=10)
    assert answer.status_code == 200, answer.text
    return assembled(answer.text) if body.get("stream") else dict(answer.json())


def events(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in text.split("\n\n"):
        if part:
            kind, _, data = part.partition("\ndata: ")
            yield kind.removeprefix("event: "), json.loads(data)


def assembled(text: str) -> dict[str, Any]:
    """A stream's message, as the official clients put it together."""
    message: dict[str, Any] = {}
    arguments = ""
    for kind, event in events(text):
        assert kind == event["type"]
        if kind == "message_start":
            message = event["message"]
        elif kind == "content_block_start":
            assert event["index"] == len(message["content"])
            message["content"].append(event["content_block"])
            arguments = ""
        elif kind == "content_block_delta":
            delta = event["delta"]
            arguments += delta.get("partial_json", "")
            if "text" in delta:
                message["content"][-1]["text"] += delta["text"]
        elif kind == "content_block_stop" and arguments:
            message["content"][-1]["input"] = json.loads(arguments)
        elif kind == "message_delta":
            message.update(event["delta"])
            message["usage"].update(event["usage"])
    return message
