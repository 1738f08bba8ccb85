"""What Google's answers become: another try, a revoked token, a refusal."""

import pytest

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from tests.runtime.factories import ADDRESS
from tests.runtime.gmail.conftest import patience
from tests.runtime.loopback_gmail import Answer, api_error, make_part


def first_page(mailbox):
    mailbox.authorise(patience())
    return next(mailbox.pages(patience()))


def failure_of(mailbox):
    with pytest.raises(Failure) as caught:
        first_page(mailbox)
    assert "hush" not in caught.value.detail
    assert ADDRESS not in caught.value.detail
    return caught.value


@pytest.mark.parametrize(
    ("answer", "exit_code"),
    [
        (Answer(400, {"error": "invalid_grant", "error_description": "hush"}), Exit.TOKEN_REVOKED),
        (Answer(401, {"error": "invalid_client"}), Exit.GMAIL_REFUSED),
        (Answer(400, {"error": "invalid_scope"}), Exit.GMAIL_REFUSED),
        (Answer(400, {"error": f"{ADDRESS} hush"}), Exit.GMAIL_UNREACHABLE),
        (Answer(502, b"<html>hush</html>"), Exit.GMAIL_UNREACHABLE),
    ],
)
def test_refused_refresh(mailbox, gmail, answer, exit_code):
    gmail.token_faults = [answer] * 100
    with pytest.raises(Failure) as caught:
        mailbox.authorise(patience(budget_seconds=0))
    assert caught.value.exit is exit_code
    assert "hush" not in caught.value.detail
    assert gmail.lists == 0


@pytest.mark.parametrize(
    ("answer", "exit_code"),
    [
        (api_error(401, "authError"), Exit.TOKEN_REVOKED),
        (api_error(403, "insufficientPermissions"), Exit.GMAIL_REFUSED),
        (api_error(403, "forbidden", f"Delegation denied for {ADDRESS}"), Exit.GMAIL_REFUSED),
        (api_error(400, "failedPrecondition"), Exit.GMAIL_REFUSED),
        (Answer(403, b"not json"), Exit.GMAIL_REFUSED),
        (Answer(403, {"error": "hush"}), Exit.GMAIL_REFUSED),
        (Answer(503, {}, {"Retry-After": "60"}), Exit.GMAIL_UNREACHABLE),
        (api_error(429, "rateLimitExceeded"), Exit.GMAIL_UNREACHABLE),
        (api_error(403, "userRateLimitExceeded"), Exit.GMAIL_UNREACHABLE),
        (Answer(200, b"<html>hush</html>"), Exit.GMAIL_UNREACHABLE),
        (Answer(200, ["hush"]), Exit.GMAIL_UNREACHABLE),
    ],
)
def test_refused_read(mailbox, gmail, answer, exit_code):
    gmail.always = answer
    failure = failure_of(mailbox)
    assert failure.exit is exit_code
    assert failure.retryable is (exit_code is Exit.GMAIL_UNREACHABLE)


def test_missing_scope_is_found_before_reading(mailbox, gmail):
    gmail.scope = "openid email"
    assert failure_of(mailbox).exit is Exit.GMAIL_REFUSED
    assert gmail.lists == 0


def test_token_is_asked_for_once(mailbox, gmail):
    first_page(mailbox)
    first_page(mailbox)
    assert gmail.refreshes == 1


def test_nobody_listening_is_unreachable(mailbox, gmail):
    gmail.stop()
    with pytest.raises(Failure) as caught:
        mailbox.authorise(patience(budget_seconds=1))
    assert caught.value.exit is Exit.GMAIL_UNREACHABLE


def test_pages_are_asked_for_one_by_one_and_counted(mailbox, gmail, meter):
    gmail.deliver(120)
    mailbox.authorise(patience())
    pages = mailbox.pages(patience())
    assert next(pages)[0] == "m120"
    assert (gmail.lists, meter.gmail_calls) == (1, 1)
    assert [len(page) for page in pages] == [50, 20]
    assert meter.gmail_calls == 3


def test_retries_are_counted_as_calls(mailbox, gmail, meter):
    gmail.deliver(1)
    gmail.list_faults = [api_error(503, "backendError")]
    assert first_page(mailbox) == ["m1"]
    assert mailbox.message("m1", patience()).subject == "Subject-hush 1"
    assert mailbox.message("gone", patience()) is None
    assert (meter.gmail_calls, meter.messages_read) == (4, 1)


def test_message_is_one_call_however_often_it_is_read(mailbox, gmail, meter):
    gmail.deliver(2)
    assert mailbox.message("m1", patience()).sender == "Sender-hush 1 <s1@example.org>"
    assert [mailbox.body("m1", patience()) for _ in range(3)] == ["Body-hush 1"] * 3
    assert (mailbox.message("gone", patience()), mailbox.body("gone", patience())) == (None, "")
    assert (gmail.gets, meter.gmail_calls, meter.messages_read) == (["m1", "gone"], 2, 1)
    mailbox.forget()
    assert mailbox.body("m1", patience()) == "Body-hush 1"
    assert gmail.gets == ["m1", "gone", "m1"]


def test_thread_is_one_call_with_its_messages_oldest_first(mailbox, gmail, meter):
    gmail.deliver(6)
    for number in (2, 3, 5, 6):
        gmail.mail[f"m{number}"]["threadId"] = "t1"
    gmail.mail["m5"]["labelIds"] = ["DRAFT"]
    gmail.mail["m6"]["labelIds"] = ["TRASH"]
    for _ in range(2):
        thread = mailbox.thread("t1", patience())
        assert [letter.message.gmail_id for letter in thread.letters] == ["m1", "m2", "m3"]
        assert [letter.body for letter in thread.letters] == ["Body-hush 1", "Body-hush 2", "Body-hush 3"]
        assert thread.left_out == 0
    assert mailbox.body("m2", patience()) == "Body-hush 2"
    assert mailbox.thread("gone", patience()).letters == []
    assert (gmail.threads, gmail.gets, meter.gmail_calls) == (2, [], 2)


def test_long_thread_leaves_its_oldest_messages_out(mailbox, gmail):
    gmail.deliver(30)
    for message in gmail.mail.values():
        message["threadId"] = "t1"
    many = mailbox.thread("t1", patience())
    assert [letter.message.gmail_id for letter in many.letters] == [f"m{number}" for number in range(11, 31)]
    assert many.left_out == 10
    for number, length in ((28, 20_000), (29, 9_000), (30, 4_000)):
        gmail.mail[f"m{number}"]["payload"] = make_part("text/plain", "a" * length)
    mailbox.forget()
    long = mailbox.thread("t1", patience())
    assert [len(letter.body) for letter in long.letters] == [9_000, 4_000]
    assert long.left_out == 28


def test_repr_shows_no_mail(mailbox, gmail):
    gmail.deliver(1)
    assert "hush" not in repr(mailbox.thread("t1", patience()))
    assert "m1" in repr(mailbox.letter("m1", patience()))


def test_closed_mailbox_hangs_up_and_can_be_used_again(mailbox, gmail):
    first_page(mailbox)
    assert gmail.connections > 0
    mailbox.close()
    mailbox.close()
    assert gmail.hung_up()
    assert first_page(mailbox) == []
