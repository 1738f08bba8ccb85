"""Writes about members: added and removed, their passwords, the way to their customer's host. One module each."""

from tenants.members.services.handover import HANDOVER_SECONDS, handover_issue, handover_take
from tenants.members.services.members import member_add, member_remove
from tenants.members.services.passwords import password_ask, password_link, password_set

__all__ = [
    "HANDOVER_SECONDS",
    "handover_issue",
    "handover_take",
    "member_add",
    "member_remove",
    "password_ask",
    "password_link",
    "password_set",
]
