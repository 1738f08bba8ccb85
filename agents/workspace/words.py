"""What agents did and how they stand, in a customer's words. Staff read `agents.selectors.explain` instead.

Owns sentences only. What it doesn't know it says in the agent's own summary, which holds no mail text.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.timesince import timesince

from agents.models import Agent, AgentRun, AgentRunState
from agents.runtime.exits import Exit
from agents.workspace.models import Activity
from agents.workspace.selectors import REFUSED

_TOOLS: Final = {
    "list_messages": "Looked through the inbox",
    "read_message": "Read a message",
    "classify_message": "Sorted a message",
    "write_brief": "Wrote the day's brief",
    "upsert_lead": "Noted a lead",
    "list_leads": "Looked for leads that wait for an answer",
    "read_thread": "Read a conversation",
    "save_draft": "Wrote a draft",
}
_ENDINGS: Final = {
    "done": "",
    "created": "",
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
    if activity.kind == "inbox_read":
        new = data.get("new")
        return "Looked for new mail: there was none." if new == 0 else f"Took in {new} new {_messages(new)}."
    if activity.kind == "proof_of_life":
        return "Started for the first time, and reached your mailbox."
    what = _TOOLS.get(str(data.get("tool", "")))
    outcome = str(data.get("outcome", ""))
    if what is None:
        return activity.summary or "Did something that has no name here."
    if outcome in _TURNED_DOWN:
        return f"Tried: “{what[0].lower()}{what[1:]}”. Nothing was done, because {_TURNED_DOWN[outcome]}."
    ending = _ENDINGS.get(outcome, "")
    return f"{what} {ending}.".replace(" .", ".")


def _refusal(activity: Activity) -> str:
    data = activity.data if isinstance(activity.data, dict) else {}
    what = _TOOLS.get(str(data.get("tool", "")))
    wanted = (
        f"to do another agent's work ({what[0].lower()}{what[1:]})" if what else "for something that no agent may do"
    )
    return f"Asked {wanted}. It was refused, and nothing happened."


def _messages(number: object) -> str:
    return "message" if number == 1 else "messages"


def _ago(moment: object) -> str:
    return f"{timesince(moment, depth=1)} ago"  # type: ignore[arg-type]
