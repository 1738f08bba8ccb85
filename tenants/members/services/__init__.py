"""Writes about members: added and removed, passwords, sessions, the way to their customer's host, support access."""

from tenants.members.services.handover import HANDOVER_SECONDS, handover_issue, handover_take
from tenants.members.services.members import member_add, member_remove
from tenants.members.services.passwords import password_ask, password_link, password_set
from tenants.members.services.revocation import access_revoke
from tenants.members.services.support import (
    SUPPORT_MINUTES,
    support_access_end,
    support_access_open,
    support_visit_record,
)

__all__ = [
    "HANDOVER_SECONDS",
    "SUPPORT_MINUTES",
    "access_revoke",
    "handover_issue",
    "handover_take",
    "member_add",
    "member_remove",
    "password_ask",
    "password_link",
    "password_set",
    "support_access_end",
    "support_access_open",
    "support_visit_record",
]
