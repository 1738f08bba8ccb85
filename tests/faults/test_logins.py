"""A worker that was given the wrong login can't provision, and says which one must."""

import pytest

from tenants.models import ProvisioningState
from tests.faults.test_killed import swept
from tests.faults.workers import Worker, wait_for
from tests.onboarding.runs import onboard, step_of

pytestmark = pytest.mark.usefixtures("platform", "aws", "first_four")


def test_without_the_owners_login_the_step_says_who_must_do_it() -> None:
    _, run = onboard()
    with Worker(DATABASE_OWNER_URL=""):
        wait_for(lambda: swept(run, ProvisioningState.FAILED), what="the failure of the run")
    row = step_of(run, "schema")
    assert "no owner's login" in row.error
    assert "Let the provisioner" in row.next_action
