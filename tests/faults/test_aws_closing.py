"""AWS in trouble while a customer is closed."""

from typing import Any

import pytest

from tenants.models import CustomerState, ProvisioningState
from tenants.onboarding.machine import provisioning_advance
from tenants.onboarding.services import provisioning_retry
from tenants.services import customer_close
from tests.faults.aws_faults import denies, drops_reply
from tests.faults.aws_proxy import AwsProxy, Fault
from tests.faults.standing import onboard_with_consent, standing
from tests.onboarding.runs import GMAIL, ROLE, STORAGE, walk

pytestmark = pytest.mark.usefixtures("platform", "one_try_a_call")


@pytest.mark.parametrize(
    "action",
    [
        "s3:ListObjectVersions",
        "s3:DeleteObjects",
        "iam:DetachRolePolicy",
        "iam:DeleteRole",
        "secretsmanager:DeleteSecret",
    ],
)
def test_a_closing_that_aws_hinders_is_finished_later(proxy: AwsProxy, settings: Any, action: str) -> None:
    settings.PROVISIONING_STEPS = [STORAGE, ROLE, GMAIL]
    for fault in (denies, drops_reply):
        _finished_later(proxy, action, fault)


def _finished_later(proxy: AwsProxy, action: str, fault: Fault) -> None:
    customer, run = onboard_with_consent()
    assert walk(run) == ProvisioningState.DONE
    closing = customer_close(customer=customer, actor=None)
    proxy.on(action, fault, times=1)

    stopped = provisioning_advance(run_id=closing.id)
    customer.refresh_from_db()
    assert customer.state == CustomerState.OFFBOARDING
    assert stopped == (ProvisioningState.FAILED if fault is denies else ProvisioningState.RETRYING)

    closing.refresh_from_db()
    provisioning_retry(provisioning=closing, actor=None)
    assert walk(closing) == ProvisioningState.DONE
    customer.refresh_from_db()
    assert customer.state == CustomerState.CLOSED
    assert standing(customer) == {}
