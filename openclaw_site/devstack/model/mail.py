"""How the stub model reads a mail: fixed rules on its words, in English and German."""

import re
from dataclasses import dataclass
from email.utils import parseaddr

_FREE_MAIL = ("mailpost.example", "gmail.com", "outlook.com", "gmx.de", "web.de")
_TITLES = r"\b(lead|manager|head|director|owner|secretary|assistant|leitung|buyer|desk|accounts)\b"

_ORDER = (
    r"previous instructions|system override|automated assistant|attention ai|ai agent|maintenance mode"
    r"|vorherigen anweisungen|instructions précédentes|instrucciones anteriores"
)
_BULK = (
    r"unsubscribe|no longer interested|don't want these|you get this mail because|you receive this because|abmelden"
    r"|newsletter|save your seat"
)
_BULK_SENDER = r"^(news|letter|newsletter|partners|marketing|offers)@"
_BILL = r"\b(invoice|rechnung|receipt|statement|mahnung)\b"
_NOTICE = r"\b(licence|granted|confirmation|confirmed|due on|reminder|mailbox is not read|receipt)\b"
_COMPLAINT = (
    r"refund|third time|still leaking|lawyer|complain|final request|disappointed|not be recommending"
    r"|beschwerde|erstattung"
)
_WANT = (
    r"\bquot(e|ation)s?\b|\boffer\b|\bangebot|budget|set aside|\bcontract\b|looking for|are you interested"
    r"|do you do|can we book|could you (come|add|give|send)|is this something you plan|would it be roughly|your fee"
    r"|send a first idea|please come|we need|options and prices"
)
_ONLY_ASKING = r"only dreaming|just a question|just curious|nur eine frage"
_PRESSING = (
    r"this week|by friday|urgent|today|final|as soon as|by the end of|before the \d|decide on|within 24|monday at"
)
_MONEY = r"\b\d{1,3}(?:[.,]\d{3})+\b|\b\d{3,} (?:euro|eur|pounds|dollars)|£ ?\d|€ ?\d"
_GERMAN = r"\b(sehr geehrte|guten tag|freundlichen grüßen|für unsere|wir suchen|bitte)\b"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail as the tools show it; `sender` as in its header."""

    gmail_id: str
    thread_id: str = ""
    sender: str = ""
    subject: str = ""
    text: str = ""
    received_at: str = ""

    @property
    def name(self) -> str:
        return parseaddr(self.sender)[0] or self.address.partition("@")[0]

    @property
    def address(self) -> str:
        return parseaddr(self.sender)[1].lower()

    @property
    def german(self) -> bool:
        return _has(_GERMAN, self.text)

    @property
    def gives_orders(self) -> bool:
        """Whether it speaks to the machine that reads it."""
        return _has(_ORDER, f"{self.subject}\n{self.text}")

    @property
    def kind(self) -> str:
        """suspicious, newsletter, invoice, complaint, notification, question, inquiry or other."""
        both = f"{self.subject}\n{self.text}"
        if self.gives_orders:
            return "suspicious"
        if _has(_BULK, both) or _has(_BULK_SENDER, self.address):
            return "newsletter"
        if _has(_BILL, self.subject):
            return "invoice"
        if _has(_COMPLAINT, both):
            return "complaint"
        if self.address.startswith(("no-reply", "noreply")) or _has(_NOTICE, self.subject):
            return "notification"
        if _has(_ONLY_ASKING, both):
            return "question"
        return "inquiry" if _has(_WANT, both) else "question" if "?" in both else "other"

    @property
    def urgency(self) -> str:
        """high, normal or low."""
        if self.kind == "complaint":
            return "high"
        if self.kind in ("inquiry", "question") and not _has("not urgent", self.text):
            return "high" if _has(_PRESSING, f"{self.subject}\n{self.text}") else "normal"
        return "low"

    @property
    def needs_reply(self) -> bool:
        return self.kind in ("complaint", "inquiry", "question")

    @property
    def intent(self) -> str:
        """The sentence that says what the sender wants, else the subject."""
        sentences = re.split(r"(?<=[.?!:])\s+", re.sub(r"\s+", " ", self.text).strip())
        return next((sentence for sentence in sentences if _has(_WANT, sentence)), self.subject)[:240]

    @property
    def company(self) -> str:
        """From the lines under the sender's name, else from its domain; empty for a private person."""
        lines = [line.strip() for line in self.text.strip().splitlines() if line.strip()]
        under = lines[lines.index(self.name) + 1 :] if self.name in lines else []
        for line in reversed(under):
            for part in reversed(line.split(",")):
                if part.strip() and not re.search(r"\d|@", part) and not _has(_TITLES, part):
                    return part.strip()
        domain = self.address.partition("@")[2]
        return "" if domain in _FREE_MAIL else domain.partition(".")[0].replace("-", " ").title()

    @property
    def score(self) -> int:
        """How likely it becomes business, 0 to 100."""
        both = f"{self.subject}\n{self.text}"
        score = 40 + 20 * _has(_MONEY, both) + 10 * _has("budget|set aside|contract", both)
        score += 15 * _has(_PRESSING, both) + 10 * bool(self.company) - 25 * _has("not urgent|roughly", self.text)
        return max(5, min(95, score))


def _has(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
