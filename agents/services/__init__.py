"""Writes about agents: what should run, and what runs. All need the platform's context.

`ensure` makes agents and says what is wanted of them; `start`, `launch` and `stop` act on one run; `record` is the only
writer of what ECS says of a run, `outcome` and `followup` of what its end means; `fleet`, `dispatch` (with `work`,
`mailboxes`, `unchanged`, `claim`, `launches`, `follow` and `budget`) and `reconcile` act on many; `retention` erases
what is too old.
"""

from agents.services.dispatch import Dispatched, agents_dispatch
from agents.services.ensure import agent_desire, agents_ensure
from agents.services.fleet import fleet_pause, fleet_resume
from agents.services.followup import run_measure
from agents.services.launch import run_launch
from agents.services.local import LocalRun, agent_run_here
from agents.services.reconcile import agent_runs_reconcile, run_refresh, runs_refresh
from agents.services.record import run_record
from agents.services.retention import customer_mail_erase
from agents.services.start import agent_start
from agents.services.stop import agent_stop, customer_runs_stop, run_stop

__all__ = [
    "Dispatched",
    "LocalRun",
    "agent_desire",
    "agent_run_here",
    "agent_runs_reconcile",
    "agent_start",
    "agent_stop",
    "agents_dispatch",
    "agents_ensure",
    "customer_mail_erase",
    "customer_runs_stop",
    "fleet_pause",
    "fleet_resume",
    "run_launch",
    "run_measure",
    "run_record",
    "run_refresh",
    "run_stop",
    "runs_refresh",
]
