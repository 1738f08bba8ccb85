"""What agents did and how they stand, in a customer's words. Staff read `agents.selectors.explain` instead.

Owns sentences only. What it doesn't know it says in the agent's own summary, which holds no mail text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.timesince import timesince

from agents.models import Agent, AgentRole, AgentRun, AgentRunState, DesiredState
from agents.runtime.exits import Exit
from agents.selectors import budget_wait
from agents.words import rhythm
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
# Whose tools they are: a call of one's own that was refused was not in order, another's is not one's work.
TOOLS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    AgentRole.BUTLER: ("list_messages", "read_message", "classify_message", "write_brief"),
    AgentRole.SCOUT: ("list_messages", "read_message", "upsert_lead"),
    AgentRole.WRITER: ("list_leads", "read_thread", "save_draft"),
}
_ENDINGS: Final = {
    "updated": "anew",
    "unchanged": "and found it as it was",
    "empty": "and found nothing",
}
TURNED_DOWN: Final = {
    "bad_arguments": "what it gave was not in order",
    "not_found": "there was nothing of that name",
    "foreign_thread": "the conversation is not that lead's",
    "decided": "a member had decided already",
    "other_lead": "the draft belongs to another lead",
    "not_evident": "no message from that address, or about it, shows it",
    "too_many": "it was more than one run may make",
    "gmail_failed": "Gmail did not answer",
    "stopped": "it was told to stop",
    "internal_error": "something failed on our side",
}
# How the engine's work over a lot of mail ended, where it did not end well.
_BROKEN_OFF: Final = {
    "budget_spent": "the month's budget is spent",
    "stopped": "it was told to stop",
    "engine_looped": "it went in circles",
    "engine_timeout": "it took too long",
    "model_unreachable": "the language model did not answer",
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


def standing(agent: Agent, run: AgentRun | None, *, fleet_is_paused: bool, gmail_is_off: bool = False) -> Standing:
    """How the agent stands, after its newest run; first what keeps it from another one."""
    who = agent.get_role_display()
    if agent.tenant.paused_at is not None:
        return Standing(who, "rests, because your account is paused.")
    if fleet_is_paused:
        return Standing(who, "rests, because we have paused everybody's agents. It goes on by itself.")
    if gmail_is_off:
        return Standing(who, "rests, because Gmail is not connected.")
    if agent.breaker_reason:
        return Standing(who, "was stopped, because its last runs failed. We have been told and look into it.", True)
    if agent.desired_state == DesiredState.STOPPED:
        return Standing(who, "was stopped by us and rests until we start it. Ask your contact if you miss it.", True)
    if budget_wait(agent=agent) is not None and agent.next_run_at is not None:
        until = f"{agent.next_run_at.day} {agent.next_run_at:%B}"
        return Standing(who, f"rests until {until}, because the month's budget is used up.", True)
    return Standing(who, "has not run yet.") if run is None else _after(run, agent, who)


def schedule(agent: Agent) -> str:
    """How often and when the agent works by itself."""
    if agent.desired_state == DesiredState.STOPPED:
        return "was stopped by us and rests."
    if agent.desired_state == DesiredState.ALWAYS_ON:
        return "works all the time."
    zone = agent.office_hours_in
    return f"looks {rhythm(agent.interval_minutes, in_office_hours=bool(zone), time_zone=zone)}."


def _after(run: AgentRun, agent: Agent, who: str) -> Standing:
    if agent.idle_at is not None and agent.idle_at > run.requested_at:
        return Standing(who, f"looked {ago(agent.idle_at)} and found nothing to do.")
    if run.state not in AgentRun.ENDED:
        return Standing(who, "is at work now." if run.state == AgentRunState.RUNNING else "is about to begin.")
    ended = ago(run.stopped_at or run.requested_at)
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
        return f"Took in {counted(new, 'new message')}." if new else "Looked for new mail: there was none."
    if activity.kind == "proof_of_life":
        return "Began its work, and reached your mailbox."
    if activity.kind == "engine_ran":
        return _went_over(data, activity.agent_role)
    if activity.kind == "passed_over":
        return _left_out(data)
    tool, outcome = _TOOLS.get(str(data.get("tool", ""))), str(data.get("outcome", ""))
    if tool is None:
        return activity.summary or "Did something that has no name here."
    did, wanted = tool
    if outcome in TURNED_DOWN:
        return f"Wanted to {wanted}; nothing was done, because {TURNED_DOWN[outcome]}."
    return " ".join(filter(None, (did, _ENDINGS.get(outcome)))) + "."


def _went_over(data: dict[str, Any], role: str) -> str:
    """A stretch of the engine's work: its outcome is `ok`, or the name of an exit in lower case."""
    outcome, items = str(data.get("outcome", "")), _number(data.get("items"))
    if outcome == "ok":
        lot = counted(items, "lead" if role == AgentRole.WRITER else "message") if items else "what there was"
        return f"Went over {lot}."
    why = f", because {_BROKEN_OFF[outcome]}" if outcome in _BROKEN_OFF else ""
    return f"Broke off its work{why}. What it had done by then stands; it goes on with its next run."


def _left_out(data: dict[str, Any]) -> str:
    """What made the agent go in circles each time, and is looked at no more."""
    lots = [(_number(data.get("gmail_ids")), "message"), (_number(data.get("leads")), "lead")]
    what = " and ".join(counted(number, noun) for number, noun in lots if number) or "something"
    return f"Left out {what} that made it go in circles. Please look at it yourself."


def _refusal(activity: Activity) -> str:
    data = activity.data if isinstance(activity.data, dict) else {}
    name, times = str(data.get("tool", "")), _number(data.get("times"))
    tool, often = _TOOLS.get(name), f" {times} times" if times > 1 else ""
    if tool is None:
        return f"Asked{often} for what no agent may do. It was refused, and nothing happened."
    if name in TOOLS_OF.get(activity.agent_role, ()):
        return f"Wanted{often} to {tool[1]}; it was refused, because {TURNED_DOWN['bad_arguments']}."
    return f"Asked{often} to {tool[1]}, which is another agent's work. It was refused, and nothing happened."


def _number(value: Any) -> int:
    """How many an agent's data speaks of, as a number or as a list of them; 0 if neither."""
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def counted(number: int, noun: str) -> str:
    """“a lead”, “3 leads”."""
    return f"a {noun}" if number == 1 else f"{number:,} {noun}s"


def ago(moment: datetime) -> str:
    """How long ago, in words."""
    if timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, depth=1)} ago"
