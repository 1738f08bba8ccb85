"""What members write and ask for: decisions and edits of drafts, the profile, archives, mails. Customer's context."""

from agents.workspace.services.drafts import draft_approve, draft_reject, draft_save
from agents.workspace.services.exports import (
    export_ask,
    export_give_up,
    export_link,
    export_make,
    exports_sweep,
)
from agents.workspace.services.gmail_drafts import gmail_draft_ask, gmail_draft_give_up, gmail_draft_put
from agents.workspace.services.member_mails import customers_to_mail, member_mail_send, member_mails_claim
from agents.workspace.services.profile import profile_save

__all__ = [
    "customers_to_mail",
    "draft_approve",
    "draft_reject",
    "draft_save",
    "export_ask",
    "export_give_up",
    "export_link",
    "export_make",
    "exports_sweep",
    "gmail_draft_ask",
    "gmail_draft_give_up",
    "gmail_draft_put",
    "member_mail_send",
    "member_mails_claim",
    "profile_save",
]
