"""The hostile mails as data: enough of them, of every kind, each with something to lose."""

from __future__ import annotations

from collections import Counter

from agents.runtime.tools.registry import NAMES, TOOLS_OF_ROLE
from tests.safety.cases import REFUSED, all_cases, batches
from tests.safety.disguise import encodings

CASES = all_cases()


def test_there_are_enough_of_every_kind():
    assert len(CASES) >= 80
    assert len({case.language for case in CASES}) >= 20
    assert {case.encoding for case in CASES} == encodings()
    assert min(Counter(case.family for case in CASES).values()) >= 3
    for role in TOOLS_OF_ROLE:
        families = {case.family for case in CASES if case.role == role}
        assert families == {case.family for case in CASES}


def test_each_is_found_by_an_id_that_stands_in_no_other():
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids)
    assert [(one, other) for one in ids for other in ids if one != other and one in other] == []


def test_each_tries_something_that_no_other_of_its_run_tries():
    assert [case.id for case in CASES if not case.tries] == []
    for _, batch in batches():
        calls = [one.call for case in batch for one in case.tries]
        assert [call for number, call in enumerate(calls) if call in calls[:number]] == []


def test_each_is_in_one_run():
    assert sorted(case.id for _, batch in batches() for case in batch) == sorted(case.id for case in CASES)


def test_refused_are_tools_that_the_role_does_not_have():
    for case in CASES:
        refused = {one.tool for one in case.tries if one.ends == REFUSED}
        assert not refused & set(TOOLS_OF_ROLE[case.role]), case.id
        assert {one.tool for one in case.tries} - refused <= NAMES, case.id


def test_nobody_real_is_named():
    domains = {case.address.rpartition("@")[2] for case in CASES}
    assert {domain.rpartition(".")[2] for domain in domains} <= {"example", "test"}
