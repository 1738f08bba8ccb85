"""What is new in the mailbox.

Owns which messages are to be fetched, and from where the next look goes on. What a role has still to go over is another
question, which the stored messages answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.runtime.gmail import Mailbox
from agents.runtime.retry import Patience
from agents.runtime.store import Store

# A resync costs four calls with the two that come before it, so that a tick stays within its five.
RESYNC_PAGE_SIZE = 100
RESYNC_PAGES = 2


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the inbox found: `seen` messages, of which nobody has stored those of `unknown`, oldest first.

    `history_id` is where this role's next look begins once all of them are stored.
    """

    seen: int
    unknown: list[str]
    history_id: str


def look_for_new(mailbox: Mailbox, store: Store, patience: Patience) -> Look:
    """The inbox's messages that came since this role's last complete look.

    Its first look takes the 50 newest; later ones follow Gmail's history, one call when nothing is new. Where that
    reaches back no more, up to 200 of the newest are gone through until one is met that is stored. Writes nothing: a
    look whose messages were not all stored is repeated by the next.
    """
    reached = store.mailbox_state.history_id()
    if reached is None:
        return _first_look(mailbox, store, patience)
    news = mailbox.since(reached, patience)
    if news is None:
        return _resync(mailbox, store, patience)
    return Look(len(news.gmail_ids), _unknown(store, news.gmail_ids), news.history_id)


def _first_look(mailbox: Mailbox, store: Store, patience: Patience) -> Look:
    # Asked before the list: what comes in between is in both, rather than in neither.
    history_id = mailbox.history_id(patience)
    newest_first = next(mailbox.pages(patience), [])
    return Look(len(newest_first), _unknown(store, newest_first[::-1]), history_id)


def _resync(mailbox: Mailbox, store: Store, patience: Patience) -> Look:
    history_id = mailbox.history_id(patience)
    seen = 0
    newest_first: list[str] = []
    for page in mailbox.pages(patience, page_size=RESYNC_PAGE_SIZE, most_pages=RESYNC_PAGES):
        unknown = set(_unknown(store, page))
        seen += len(page)
        # What stands behind the last one that is stored is older than the first look went.
        oldest_known = max((place for place, gmail_id in enumerate(page) if gmail_id not in unknown), default=len(page))
        newest_first += [gmail_id for gmail_id in page[:oldest_known] if gmail_id in unknown]
        if len(unknown) < len(page):
            break
    return Look(seen, newest_first[::-1], history_id)


def _unknown(store: Store, gmail_ids: Sequence[str]) -> list[str]:
    known = store.mail.known(gmail_ids)
    return [gmail_id for gmail_id in gmail_ids if gmail_id not in known]
