"""Looks at the configuration as deployed, and says in plain words what is wrong and what to do.

Owns the list of checks, their order and how one that breaks is reported. Every check changes nothing, has limits of
time of its own and depends on no other. `manage.py doctor` is its edge.
"""

from openclaw_site.doctor.examination import Examined, examine, names
from openclaw_site.doctor.findings import Finding, Level

__all__ = ["Examined", "Finding", "Level", "examine", "names"]
