"""The customer's mailbox at Gmail: what is new in it, and what its mail says as plain text.

Modules: `mailbox` (what can be asked), `line` (authorisation and calls), `history` (what changed since), `letters` (a
message with its text), `body` (which part of a mail is its text), `charset`, `markup` and `hiding` (HTML as text),
`plain` (text that hides nothing), `errors` (Google's refusals in our words).
"""

from agents.runtime.gmail.history import News
from agents.runtime.gmail.letters import Letter, Thread
from agents.runtime.gmail.mailbox import Mailbox

__all__ = ["Letter", "Mailbox", "News", "Thread"]
