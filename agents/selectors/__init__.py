"""Reads about agents and their runs. Each module says which context it needs."""

from agents.selectors.due import agents_due, breakers_outdated, fleet_paused, runs_against_pause
from agents.selectors.explanation import Explanation, explain
from agents.selectors.logs import log_stream, log_tail, log_url
from agents.selectors.proof import proof_of_life, proven_runs
from agents.selectors.runs import run_latest, runs_latest, runs_newest, runs_open
from agents.selectors.standing import Hindrance, customers_with_agents, hindrances

__all__ = [
    "Explanation",
    "Hindrance",
    "agents_due",
    "breakers_outdated",
    "customers_with_agents",
    "explain",
    "fleet_paused",
    "hindrances",
    "log_stream",
    "log_tail",
    "log_url",
    "proof_of_life",
    "proven_runs",
    "run_latest",
    "runs_against_pause",
    "runs_latest",
    "runs_newest",
    "runs_open",
]
