"""Writes about members: invited, added, removed, their roles and wishes, sign-in, way to their host, and support."""

from tenants.members.services.account import account_close, account_time_zone_set
from tenants.members.services.handover import HANDOVER_SECONDS, handover_issue, handover_take
from tenants.members.services.invitations import (
    invitation_accept,
    invitation_link,
    invitation_make,
    invitation_read,
    invitation_resend,
    invitation_withdraw,
)
from tenants.members.services.members import member_add, member_remove, member_role_put
from tenants.members.services.owners import owner_remains_check
from tenants.members.services.passwords import password_ask, password_link, password_set
from tenants.members.services.revocation import access_revoke
from tenants.members.services.support import (
    SUPPORT_MINUTES,
    support_access_end,
    support_access_open,
    support_visit_record,
)
from tenants.members.services.team import mail_wishes_save, member_dismiss, member_leave, member_role_set, owner_check

__all__ = [
    "HANDOVER_SECONDS",
    "SUPPORT_MINUTES",
    "access_revoke",
    "account_close",
    "account_time_zone_set",
    "handover_issue",
    "handover_take",
    "invitation_accept",
    "invitation_link",
    "invitation_make",
    "invitation_read",
    "invitation_resend",
    "invitation_withdraw",
    "mail_wishes_save",
    "member_add",
    "member_dismiss",
    "member_leave",
    "member_remove",
    "member_role_put",
    "member_role_set",
    "owner_check",
    "owner_remains_check",
    "password_ask",
    "password_link",
    "password_set",
    "support_access_end",
    "support_access_open",
    "support_visit_record",
]
