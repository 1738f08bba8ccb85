"""What is new in the mailbox for this agent.

Owns which messages count as new, and from where the next look goes on. Each role reads for itself: a message that
another role stored meanwhile is still new to this one, but need not be fetched to be stored.
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
    """What one look at the inbox found; ids are oldest first.

    `seen` messages were looked at, `new` of them this role has not read, `unknown` of these nobody has stored yet.
    `history_id` is where the next look begins once all of them are stored.
    """

    seen: int
    new: list[str]
    unknown: list[str]
    history_id: str


def look_for_new(mailbox: Mailbox, store: Store, patience: Patience) -> Look:
    """The inbox's messages that came since this role's last complete look.

    Its first look takes the 50 newest; later ones follow Gmail's history, one call when nothing is new. Where that
    reaches back no more, up to 200 of the newest are gone through until one is met that the role has read. Writes
    nothing: a look whose messages were not all stored is repeated by the next.
    """
    reached = store.mailbox_state.history_id()
    if reached is None:
        return _first_look(mailbox, store, patience)
    news = mailbox.since(reached, patience)
    if news is None:
        return _resync(mailbox, store, patience)
    return _look(store, news.gmail_ids, seen=len(news.gmail_ids), history_id=news.history_id)


def _first_look(mailbox: Mailbox, store: Store, patience: Patience) -> Look:
    # Asked before the list: what comes in between is in both, rather than in neither.
    history_id = mailbox.history_id(patience)
    newest_first = next(mailbox.pages(patience), [])
    return _look(store, newest_first[::-1], seen=len(newest_first), history_id=history_id)


def _resync(mailbox: Mailbox, store: Store, patience: Patience) -> Look:
    history_id = mailbox.history_id(patience)
    seen = 0
    new: list[str] = []
    for page in mailbox.pages(patience, page_size=RESYNC_PAGE_SIZE, most_pages=RESYNC_PAGES):
        read = store.mailbox_state.read_among(page)
        seen += len(page)
        # What stands behind the last one that was read is older than the role's first look went.
        oldest_read = max((place for place, gmail_id in enumerate(page) if gmail_id in read), default=len(page))
        new += [gmail_id for gmail_id in page[:oldest_read] if gmail_id not in read]
        if read:
            break
    return _look(store, new[::-1], seen=seen, history_id=history_id)


def _look(store: Store, new: Sequence[str], *, seen: int, history_id: str) -> Look:
    known = store.known(new)
    unknown = [gmail_id for gmail_id in new if gmail_id not in known]
    return Look(seen=seen, new=list(new), unknown=unknown, history_id=history_id)
