"""Reads about agents and their runs. Each module says which context it needs."""

from agents.selectors.due import BY_MAIL, agents_due, breakers_outdated, fleet_paused, runs_against_pause
from agents.selectors.explanation import Explanation, explain
from agents.selectors.leads import leads_waiting
from agents.selectors.logs import log_stream, log_tail, log_url
from agents.selectors.proof import proof_of_life, proven_runs
from agents.selectors.runs import run_latest, runs_latest, runs_newest, runs_open, runs_recent
from agents.selectors.standing import (
    Hindrance,
    budget_wait,
    customers_with_agents,
    customers_with_mail,
    hindrances,
)
from agents.selectors.usage import RunFigures, month_cost_micro_usd, month_costs_by_role, run_figures

__all__ = [
    "BY_MAIL",
    "Explanation",
    "Hindrance",
    "RunFigures",
    "agents_due",
    "breakers_outdated",
    "budget_wait",
    "customers_with_agents",
    "customers_with_mail",
    "explain",
    "fleet_paused",
    "hindrances",
    "leads_waiting",
    "log_stream",
    "log_tail",
    "log_url",
    "month_cost_micro_usd",
    "month_costs_by_role",
    "proof_of_life",
    "proven_runs",
    "run_figures",
    "run_latest",
    "runs_against_pause",
    "runs_latest",
    "runs_newest",
    "runs_open",
    "runs_recent",
]
