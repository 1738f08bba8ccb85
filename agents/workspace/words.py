"""What agents did and how they stand, in a customer's words. Staff read `agents.selectors.explain` instead.

Owns sentences only. What it doesn't know it says in the agent's own summary, which holds no mail text.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.timesince import timesince

from agents.models import Agent, AgentRun, AgentRunState
from agents.runtime.exits import Exit
from agents.workspace.models import Activity
from agents.workspace.selectors import REFUSED

# What each tool did, and what whoever calls it wants.
_TOOLS: Final = {
    "list_messages": ("Looked through the inbox", "look through the inbox"),
    "read_message": ("Read a message", "read a message"),
    "classify_message": ("Sorted a message", "sort a message"),
    "write_brief": ("Wrote the day's brief", "write the day's brief"),
    "upsert_lead": ("Noted a lead", "note a lead"),
    "list_leads": ("Looked for leads that wait for an answer", "look for leads that wait for an answer"),
    "read_thread": ("Read a conversation", "read a conversation"),
    "save_draft": ("Wrote a draft", "write a draft"),
}
_ENDINGS: Final = {
    "updated": "anew",
    "unchanged": "and found it as it was",
    "empty": "and found nothing",
}
_TURNED_DOWN: Final = {
    "bad_arguments": "what it gave was not in order",
    "not_found": "there was nothing of that name",
    "foreign_thread": "the conversation is not that lead's",
    "decided": "a member had decided already",
    "other_lead": "the draft belongs to another lead",
    "gmail_failed": "Gmail did not answer",
    "stopped": "it was told to stop",
    "internal_error": "something failed on our side",
}
_NEEDS_GMAIL: Final = (Exit.TOKEN_REVOKED, Exit.GMAIL_REFUSED)


@dataclass(frozen=True, slots=True)
class Deed:
    """One activity for people: who, what, when; `refused` when it was something that the agent may not do."""

    activity: Activity
    who: str
    what: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How one agent stands. `trouble`: it does not work as it should."""

    who: str
    what: str
    trouble: bool = False


def deed(activity: Activity) -> Deed:
    """The activity in words."""
    refused = activity.kind == REFUSED
    return Deed(activity, activity.agent_role.capitalize(), _refusal(activity) if refused else _deed(activity), refused)


def standing(agent: Agent, run: AgentRun | None) -> Standing:
    """How the agent stands, after its newest run."""
    who = agent.get_role_display()
    if agent.tenant.paused_at is not None:
        return Standing(who, "rests, because your account is paused.")
    if agent.breaker_reason:
        return Standing(who, "was stopped, because its last runs failed. We have been told and look into it.", True)
    if run is None:
        return Standing(who, "has not run yet.")
    if agent.idle_at is not None and agent.idle_at > run.requested_at:
        return Standing(who, f"looked {_ago(agent.idle_at)} and found nothing to do.")
    if run.state not in AgentRun.ENDED:
        return Standing(who, "is at work now." if run.state == AgentRunState.RUNNING else "is about to begin.")
    ended = _ago(run.stopped_at or run.requested_at)
    if run.state == AgentRunState.SUCCEEDED:
        return Standing(who, f"did its work {ended}.")
    if run.exit_code in _NEEDS_GMAIL:
        return Standing(who, f"could not read the mailbox {ended}: Gmail has to be connected again.", True)
    if run.exit_code == Exit.BUDGET_SPENT:
        return Standing(who, f"stopped {ended}, because the month's budget is used up.", True)
    return Standing(who, f"was interrupted {ended}. It goes on where it was with its next run.", True)


def _deed(activity: Activity) -> str:
    data = activity.data if isinstance(activity.data, dict) else {}
    new = data.get("new")
    if activity.kind == "inbox_read" and isinstance(new, int):
        return "Looked for new mail: there was none." if new == 0 else f"Took in {new} new {_messages(new)}."
    if activity.kind == "proof_of_life":
        return "Began its work, and reached your mailbox."
    tool, outcome = _TOOLS.get(str(data.get("tool", ""))), str(data.get("outcome", ""))
    if tool is None:
        return activity.summary or "Did something that has no name here."
    did, wanted = tool
    if outcome in _TURNED_DOWN:
        return f"Wanted to {wanted}; nothing was done, because {_TURNED_DOWN[outcome]}."
    return " ".join(filter(None, (did, _ENDINGS.get(outcome)))) + "."


def _refusal(activity: Activity) -> str:
    data = activity.data if isinstance(activity.data, dict) else {}
    tool = _TOOLS.get(str(data.get("tool", "")))
    asked = f"Asked to {tool[1]}, which is another agent's work." if tool else "Asked for what no agent may do."
    return f"{asked} It was refused, and nothing happened."


def _messages(number: int) -> str:
    return "message" if number == 1 else "messages"


def _ago(moment: datetime) -> str:
    if timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, depth=1)} ago"
