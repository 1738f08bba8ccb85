"""A busy Gmail is tried again, with growing scattered pauses, for a bounded time."""

import pytest

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped
from agents.runtime.retry import Patience, Transient


class Script:
    """An operation that fails as told, then gives 7; and a pause that notes its length."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.pauses = []

    def operation(self):
        if self.failures:
            raise self.failures.pop(0)
        return 7

    def pause(self, seconds):
        self.pauses.append(seconds)
        return False


def test_result_after_transient_failures_with_growing_pauses():
    script = Script(Transient("a"), Transient("b"), Transient("c"))
    assert Patience(pause=script.pause).call(script.operation) == 7
    first, second, third = script.pauses
    assert 0.25 <= first <= 0.5 <= second <= 1.0 <= third <= 2.0


def test_pause_that_the_server_asks_for_is_kept():
    script = Script(Transient("busy", after_seconds=6))
    Patience(pause=script.pause).call(script.operation)
    assert script.pauses == [6]


def test_gives_up_when_the_budget_is_spent():
    script = Script(*[Transient("busy") for _ in range(100)])
    with pytest.raises(Failure) as caught:
        Patience(pause=script.pause, budget_seconds=15).call(script.operation)
    assert (caught.value.exit, caught.value.retryable) == (Exit.GMAIL_UNREACHABLE, True)
    assert sum(script.pauses) <= 15
    assert len(script.pauses) >= 4


def test_budget_is_one_for_all_calls_of_a_tick():
    script = Script(Transient("x", after_seconds=10), Transient("y", after_seconds=10))
    patience = Patience(pause=script.pause, budget_seconds=15)
    with pytest.raises(Failure):
        for _ in range(2):
            patience.call(script.operation)
    assert script.pauses == [10]


def test_other_failures_pass_through_at_once():
    script = Script(Failure(Exit.TOKEN_REVOKED, "gone"))
    with pytest.raises(Failure) as caught:
        Patience(pause=script.pause).call(script.operation)
    assert caught.value.exit is Exit.TOKEN_REVOKED
    assert script.pauses == []


def test_word_to_stop_ends_the_pause():
    script = Script(Transient("busy"))
    with pytest.raises(Stopped):
        Patience(pause=lambda seconds: True).call(script.operation)
