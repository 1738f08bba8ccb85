"""Which program, and as whom: refused before anything is started where it would not be safe."""

import contextlib
import os
from pathlib import Path
from unittest import mock

import pytest

from agents.runtime.config import ConfigError
from agents.runtime.engine import installed_version, read_engine_settings
from agents.runtime.engine.seats import taken_seat
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped
from tests.runtime.engine.conftest import FAKE, FIRST_UID, settings_for, turn

BASE = Path("/run")


@pytest.fixture
def as_root():
    with mock.patch.object(os, "geteuid", return_value=0):
        yield


def test_a_task_sets_nothing(as_root):
    settings = read_engine_settings({})
    assert settings.command == ("node", "/opt/openclaw/openclaw.mjs")
    assert settings.uid == 65532
    assert settings.base == Path("/tmp")
    assert settings.compile_cache is None


def test_without_root_our_own_user_has_to_be_allowed():
    with mock.patch.object(os, "geteuid", return_value=1000):
        with pytest.raises(ConfigError, match="ENGINE_SAME_UID"):
            read_engine_settings({})
        with pytest.raises(ConfigError, match="ENGINE_SAME_UID"):
            read_engine_settings({"ENGINE_SAME_UID": "yes"})
        assert read_engine_settings({"ENGINE_SAME_UID": "allowed"}).uid is None


@pytest.mark.parametrize("uid", ["0", "-1", "root", "65532.5", "99999999999"])
def test_the_engine_is_never_root(as_root, uid):
    with pytest.raises(ConfigError, match="ENGINE_UID"):
        read_engine_settings({"ENGINE_UID": uid})


def test_a_command_that_can_not_be_read_is_refused(as_root):
    with pytest.raises(ConfigError, match="ENGINE_COMMAND"):
        read_engine_settings({"ENGINE_COMMAND": "node 'unfinished"})


def test_compiled_code_that_is_not_there_is_refused(as_root, tmp_path):
    assert read_engine_settings({"ENGINE_COMPILE_CACHE": str(tmp_path)}).compile_cache == tmp_path
    for wrong in (f"{tmp_path}/missing", "relative"):
        with pytest.raises(ConfigError, match="ENGINE_COMPILE_CACHE"):
            read_engine_settings({"ENGINE_COMPILE_CACHE": wrong})


@pytest.mark.parametrize("command", ["no-such-program x", "/no/such/node x", "sh /no/such/openclaw.mjs"])
def test_missing_engine_has_its_own_exit(command, ground):
    with pytest.raises(Failure) as raised:
        turn(settings_for(command))
    assert raised.value.exit is Exit.ENGINE_MISSING
    assert not raised.value.retryable
    assert "/no/such" not in raised.value.detail


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the engine as another user")
def test_engine_that_its_user_can_not_read_is_missing(tmp_path, ground):
    script = tmp_path / "engine.mjs"
    script.write_text("")
    tmp_path.chmod(0o700)
    with pytest.raises(Failure) as raised:
        turn(settings_for(f"sh {script}"))
    assert raised.value.exit is Exit.ENGINE_MISSING


def test_version_of_an_unknown_program_is_unknown():
    assert installed_version(settings_for(f"node {FAKE}")) is None


def test_two_engines_at_a_time_never_share_a_user_or_a_folder():
    with (
        taken_seat(FIRST_UID, base=BASE) as first,
        taken_seat(FIRST_UID, base=BASE) as second,
        taken_seat(None, base=BASE) as third,
    ):
        assert (first.uid, second.uid, third.uid) == (FIRST_UID, FIRST_UID + 1, None)
        assert len({first.folder, second.folder, third.folder}) == 3
    with taken_seat(FIRST_UID, base=BASE) as again:
        assert again == first


def test_engine_waits_for_a_seat_where_they_are_few():
    waited = []

    def pause(seconds):
        waited.append(seconds)
        if len(waited) == 2:
            holder.close()

    with contextlib.ExitStack() as holder:
        first = holder.enter_context(taken_seat(FIRST_UID, base=BASE, seats=1))
        with taken_seat(FIRST_UID, base=BASE, seats=1, pause=pause) as second:
            assert second == first
    assert len(waited) == 2


def test_word_to_stop_ends_the_wait_for_a_seat():
    with (
        taken_seat(None, base=BASE, seats=1),
        pytest.raises(Stopped),
        taken_seat(None, base=BASE, seats=1, pause=lambda seconds: True),
    ):
        pass


@pytest.mark.parametrize("seats", ["0", "65", "-1", "two"])
def test_number_of_seats_is_bounded(as_root, seats):
    with pytest.raises(ConfigError, match="ENGINE_SEATS"):
        read_engine_settings({"ENGINE_SEATS": seats})


@pytest.mark.parametrize("uid", [1, 65_535])
def test_users_of_the_system_are_left_out(uid):
    with taken_seat(uid - 1, base=BASE), taken_seat(uid - 1, base=BASE) as second:
        assert second.uid is not None
        assert second.uid > uid
