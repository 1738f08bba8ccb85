"""Cost Explorer: what is asked, how its pages are read, and what its refusals become."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from openclaw_site.aws import errors
from openclaw_site.aws.costs import TaggedCost, costs_by_tag
from tests.aws.faults import FaultyAws

FIRST, END = date(2026, 11, 1), date(2026, 11, 26)


def group(value: str, service: str, amount: str, unit: str = "USD") -> dict[str, object]:
    return {
        "Keys": [f"TenantID${value}", service],
        "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": unit}},
    }


def page(*groups: dict[str, object], token: str = "", estimated: bool = False) -> dict[str, object]:
    answer: dict[str, object] = {
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-26"},
                "Total": {},
                "Groups": list(groups),
                "Estimated": estimated,
            }
        ]
    }
    return answer | ({"NextPageToken": token} if token else {})


def ask() -> list[TaggedCost]:
    return costs_by_tag(tag="TenantID", first=FIRST, end=END)


def test_every_page_is_read_and_what_comes_twice_is_added(faulty_aws: FaultyAws) -> None:
    faulty_aws.answer(200, page(group("aa", "AmazonECS", "1.10"), group("", "AmazonRDS", "47.45"), token="next"))
    faulty_aws.answer(200, page(group("aa", "AmazonECS", "0.0000000001"), group("bb", "AmazonS3", "2"), estimated=True))
    assert ask() == [
        TaggedCost("", "AmazonRDS", Decimal("47.45"), False),
        TaggedCost("aa", "AmazonECS", Decimal("1.1000000001"), True),
        TaggedCost("bb", "AmazonS3", Decimal(2), True),
    ]
    first, second = (json.loads(request) for request in faulty_aws.requests)
    assert first["TimePeriod"] == {"Start": "2026-11-01", "End": "2026-11-26"}
    assert first["GroupBy"] == [{"Type": "TAG", "Key": "TenantID"}, {"Type": "DIMENSION", "Key": "SERVICE"}]
    assert "NextPageToken" not in first and second["NextPageToken"] == "next"


def test_nothing_was_spent(faulty_aws: FaultyAws) -> None:
    faulty_aws.answer(200, page())
    assert ask() == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("DataUnavailableException", errors.CostDataMissing),
        ("BillExpirationException", errors.CostDataMissing),
        ("ResourceNotFoundException", errors.CostDataMissing),
        ("LimitExceededException", errors.Throttled),
        ("AccessDeniedException", errors.AccessDenied),
        ("InvalidNextTokenException", errors.InvalidRequest),
    ],
)
def test_refusals_are_in_our_words(faulty_aws: FaultyAws, code: str, kind: type[errors.AwsError]) -> None:
    faulty_aws.fail(code, "no")
    with pytest.raises(errors.AwsError) as refused:
        ask()
    assert type(refused.value) is kind
    assert refused.value.next_action and code in str(refused.value)


def test_another_currency_is_refused_rather_than_taken_for_dollars(faulty_aws: FaultyAws) -> None:
    faulty_aws.answer(200, page(group("aa", "AmazonECS", "1", unit="EUR")))
    with pytest.raises(errors.InvalidRequest, match="billed in EUR"):
        ask()
