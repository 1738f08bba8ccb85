"""What members write in their customer's schema: decisions and edits of drafts, the profile. Customer's context."""

from agents.workspace.services.drafts import draft_approve, draft_reject, draft_save
from agents.workspace.services.gmail_drafts import gmail_draft_ask, gmail_draft_give_up, gmail_draft_put
from agents.workspace.services.profile import profile_save

__all__ = [
    "draft_approve",
    "draft_reject",
    "draft_save",
    "gmail_draft_ask",
    "gmail_draft_give_up",
    "gmail_draft_put",
    "profile_save",
]
