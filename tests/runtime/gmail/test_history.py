"""What came into the inbox since a history id, from Gmail's records of changes."""

import pytest

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from agents.runtime.gmail import history
from agents.runtime.gmail.history import News
from tests.runtime.gmail.conftest import patience
from tests.runtime.loopback_gmail import Answer, api_error


@pytest.fixture
def since(mailbox, gmail):
    """A function that asks for the news since the mailbox was as the test found it."""
    mailbox.authorise(patience())
    began = mailbox.history_id(patience())
    return lambda: mailbox.since(began, patience())


def test_new_messages_come_oldest_first_in_one_call(since, gmail, meter):
    gmail.deliver(3)
    assert since() == News(gmail_ids=["m1", "m2", "m3"], history_id=str(gmail.history_id))
    assert (gmail.profiles, gmail.histories, meter.gmail_calls) == (1, 1, 2)


def test_nothing_new_is_one_call_and_gives_the_newest_id(since, gmail):
    gmail.deliver(1)
    gmail.changes.clear()
    assert since() == News(gmail_ids=[], history_id=str(gmail.history_id))
    assert gmail.histories == 1


def test_only_what_is_in_the_inbox_counts(since, gmail):
    gmail.deliver(6)
    gmail.mail["m2"]["labelIds"] = ["SENT"]
    gmail.changes.clear()
    gmail.change("messagesAdded", "m1")
    gmail.change("messagesAdded", "m2")
    gmail.change("labelsAdded", "m3", labelIds=["STARRED"])
    gmail.change("labelsAdded", "m4", labelIds=["IMPORTANT", "INBOX"])
    gmail.change("messagesAdded", "m5")
    gmail.change("labelsAdded", "m1", labelIds=["INBOX"])
    del gmail.changes[4]["messagesAdded"][0]["message"]["labelIds"]
    assert since().gmail_ids == ["m1", "m4", "m5"]


def test_deleted_messages_are_dropped(since, gmail):
    gmail.deliver(3)
    gmail.delete("m2")
    assert since().gmail_ids == ["m1", "m3"]


def test_pages_are_followed_and_the_first_ones_id_counts(since, gmail, monkeypatch):
    monkeypatch.setattr(history, "PAGE_SIZE", 2)
    gmail.deliver(5)
    news = since()
    assert news == News(gmail_ids=["m1", "m2", "m3", "m4", "m5"], history_id=str(gmail.history_id))
    assert gmail.histories == 3


def test_more_pages_than_one_look_takes_are_left_for_the_next(since, gmail, mailbox, monkeypatch):
    monkeypatch.setattr(history, "PAGE_SIZE", 2)
    gmail.deliver(11)
    news = since()
    assert (news.gmail_ids, news.more) == ([f"m{number}" for number in range(1, 9)], True)
    rest = mailbox.since(news.history_id, patience())
    assert (rest.gmail_ids, rest.more) == (["m9", "m10", "m11"], False)


@pytest.mark.parametrize("refusal", [api_error(404, "notFound"), api_error(400, "invalid")])
def test_id_that_gmail_does_not_know_is_expired(since, gmail, refusal):
    gmail.history_faults = [refusal]
    assert since() is None


def test_busy_gmail_is_asked_again(since, gmail):
    gmail.deliver(1)
    gmail.history_faults = [api_error(429, "rateLimitExceeded"), Answer(200, b"<html>")]
    assert since().gmail_ids == ["m1"]
    assert gmail.histories == 3


def test_lost_permission_is_no_expired_id(since, gmail):
    gmail.history_faults = [api_error(403, "insufficientPermissions")]
    with pytest.raises(Failure) as caught:
        since()
    assert caught.value.exit is Exit.GMAIL_REFUSED
