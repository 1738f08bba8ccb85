"""How a run goes on: waiting, waking, retrying, sweeping, and what is said of failures."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.db.models.functions import Now

from openclaw_site.celery import app
from tenants.models import (
    Customer,
    CustomerState,
    GmailConnection,
    GmailState,
    Provisioning,
    ProvisioningState,
    StepState,
)
from tenants.onboarding import outcomes
from tenants.onboarding.machine import provisioning_advance
from tenants.onboarding.outcomes import MAX_ATTEMPTS, backoff_seconds
from tenants.onboarding.services import provisioning_retry, provisioning_wake, provisionings_sweep
from tenants.onboarding.steps.base import Found, Step, StepFailed, StepRetry, StepWaiting
from tenants.onboarding.tasks import provisioning_run
from tenants.services import customer_pause, customer_resume, customer_state_set
from tests.onboarding.runs import due_now, onboard, step_of

pytestmark = pytest.mark.usefixtures("platform")


class ScriptedStep(Step):
    """Raises what `script` holds, one a call, then succeeds; a callable is called."""

    name = "scripted"
    title = "Scripted step"
    script: list[Any] = []

    def apply(self, customer: Customer) -> Found:
        if self.script:
            act = self.script.pop(0)
            if isinstance(act, BaseException):
                raise act
            act(customer)
        return {"made": "it"}

    def verify(self, customer: Customer) -> None:
        del customer

    def undo(self, customer: Customer) -> Found:
        return self.apply(customer)


@pytest.fixture
def script(settings: Any) -> list[Any]:
    settings.PROVISIONING_STEPS = [f"{__name__}.ScriptedStep"]
    ScriptedStep.script = []
    return ScriptedStep.script


def awaits_consent() -> StepWaiting:
    return StepWaiting("Gmail is not connected.", next_action="Connect it.", person=True)


def state_of(customer: Customer) -> str:
    customer.refresh_from_db()
    return customer.state


def test_waiting_for_a_person_is_a_state_and_a_wake_up_ends_it(script: list[Any]) -> None:
    script += [awaits_consent(), awaits_consent()]
    customer, run = onboard()
    assert provisioning_advance(run_id=run.id) == ProvisioningState.WAITING
    run.refresh_from_db()
    assert (run.lease_owner, run.lease_until, run.next_attempt_at) == ("", None, None)
    assert state_of(customer) == CustomerState.AWAITING_GMAIL
    assert provisionings_sweep() == 0  # It may take days; nobody looks in vain.

    assert provisioning_wake(customer_id=customer.id)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.WAITING
    assert provisioning_wake(customer_id=customer.id)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE
    assert state_of(customer) == CustomerState.ACTIVE
    assert step_of(run, "scripted").attempts == 1  # Looking again is no further attempt.


def test_a_wake_up_while_the_run_is_at_work_is_not_lost(script: list[Any]) -> None:
    def woken_meanwhile(customer: Customer) -> None:
        assert provisioning_wake(customer_id=customer.id)
        raise awaits_consent()

    script.append(woken_meanwhile)
    _, run = onboard()
    assert provisioning_advance(run_id=run.id) == ProvisioningState.WAITING
    assert provisionings_sweep() == 1
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE


def test_waiting_with_a_poll_looks_again_by_itself(script: list[Any]) -> None:
    script.append(StepWaiting("Butler is starting.", next_action="Nothing.", poll_seconds=30))
    customer, run = onboard()
    assert provisioning_advance(run_id=run.id) == ProvisioningState.WAITING
    assert state_of(customer) == CustomerState.PROVISIONING
    assert provisioning_advance(run_id=run.id) is None  # Not yet.
    assert provisionings_sweep() == 0
    due_now(run)
    assert provisionings_sweep() == 1
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE


def test_nothing_wakes_a_customer_without_an_open_run(script: list[Any]) -> None:
    customer, run = onboard()
    provisioning_advance(run_id=run.id)
    assert not provisioning_wake(customer_id=customer.id)


def test_a_failure_stops_until_retry_and_then_goes_on_at_that_step(script: list[Any]) -> None:
    script.append(StepFailed("The plan has no agents.", next_action="Choose another plan."))
    customer, run = onboard()
    assert provisioning_advance(run_id=run.id) == ProvisioningState.FAILED
    customer.refresh_from_db()
    assert customer.state_reason == "Scripted step: The plan has no agents."
    assert not provisioning_wake(customer_id=customer.id)

    run.refresh_from_db()
    assert provisioning_retry(provisioning=run, actor=None)
    assert run.state == ProvisioningState.QUEUED
    assert not provisioning_retry(provisioning=run, actor=None)  # A double click.
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE
    with pytest.raises(ValidationError, match="nothing to retry"):
        provisioning_retry(provisioning=run, actor=None)


def test_an_unexpected_exception_shows_its_class_and_never_its_text(
    script: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    script.append(RuntimeError("refresh_token=1//secret"))
    _, run = onboard()
    assert provisioning_advance(run_id=run.id) == ProvisioningState.FAILED
    row = step_of(run, "scripted")
    assert row.error == "Unexpected RuntimeError."
    assert "log" in row.next_action
    assert "a step failed unexpectedly: RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_database_error_is_tried_again_and_shows_its_code_only(script: list[Any]) -> None:
    script.append(DatabaseError("Key (email)=(olivia@harborline.example) already exists"))
    _, run = onboard()
    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
    assert "olivia" not in step_of(run, "scripted").error


def test_a_step_in_which_workers_keep_dying_is_given_to_a_person(script: list[Any]) -> None:
    script += [KeyboardInterrupt()] * MAX_ATTEMPTS
    _, run = onboard()
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            provisioning_advance(run_id=run.id)
        assert provisionings_sweep() == 1  # The lease was let go, not left to run out.
    assert provisioning_advance(run_id=run.id) == ProvisioningState.FAILED
    assert f"{MAX_ATTEMPTS} times" in step_of(run, "scripted").error


def test_the_pauses_grow_are_jittered_and_capped() -> None:
    for attempts in range(1, 12):
        ceiling = min(60.0, 2.0 ** (attempts - 1))
        samples = [backoff_seconds(attempts=attempts) for _ in range(200)]
        assert 0 <= min(samples) <= max(samples) <= ceiling
        assert max(samples) - min(samples) > ceiling / 2


def test_the_next_attempt_is_set_within_the_pause(script: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "backoff_seconds", lambda *, attempts: 40.0)
    script.append(StepRetry("IAM is slow.", next_action="Nothing."))
    _, run = onboard()
    provisioning_advance(run_id=run.id)
    window = {
        "next_attempt_at__gt": Now() + timedelta(seconds=35),
        "next_attempt_at__lte": Now() + timedelta(seconds=40),
    }
    assert Provisioning.objects.filter(id=run.id, **window).exists()


def test_the_sweep_finds_queued_and_abandoned_runs_only(script: list[Any]) -> None:
    _, queued = onboard()
    _, running = onboard()
    _, abandoned = onboard()
    Provisioning.objects.filter(id__in=[running.id, abandoned.id]).update(
        state=ProvisioningState.RUNNING, lease_owner="somebody", lease_until=Now() + timedelta(seconds=9)
    )
    Provisioning.objects.filter(id=abandoned.id).update(lease_until=Now() - timedelta(seconds=1))
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge("provisioning")
        assert provisionings_sweep() == 2
        messages = [connection.default_channel.basic_get("provisioning", no_ack=True) for _ in range(3)]
    assert {str(queued.id), str(abandoned.id)} == {m.decode()[0][0] for m in messages if m is not None}


def test_the_task_run_twice_does_the_work_once(script: list[Any]) -> None:
    customer, run = onboard()
    provisioning_run(str(run.id))
    provisioning_run(str(run.id))
    run.refresh_from_db()
    assert (run.state, run.fencing) == (ProvisioningState.DONE, 1)
    assert state_of(customer) == CustomerState.ACTIVE


def test_a_customer_paused_during_onboarding_stays_paused(script: list[Any]) -> None:
    script.append(awaits_consent())
    customer, run = onboard()
    provisioning_advance(run_id=run.id)
    customer_pause(customer=customer, actor=None)
    provisioning_wake(customer_id=customer.id)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE
    assert state_of(customer) == CustomerState.PAUSED
    customer_resume(customer=customer, actor=None)
    assert customer.state == CustomerState.ACTIVE


def test_resuming_shows_what_is_true_then(script: list[Any]) -> None:
    script.append(awaits_consent())
    customer, run = onboard()
    provisioning_advance(run_id=run.id)
    customer_pause(customer=customer, actor=None)
    customer_resume(customer=customer, actor=None)
    assert customer.state == CustomerState.AWAITING_GMAIL
    due_now(run)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE

    assert customer_state_set(customer_id=customer.id, state=CustomerState.DEGRADED, reason="Writer stopped.")
    customer_pause(customer=customer, actor=None)
    assert not customer_state_set(customer_id=customer.id, state=CustomerState.ACTIVE)
    customer_resume(customer=customer, actor=None)
    assert (customer.state, customer.state_reason) == (CustomerState.DEGRADED, "Writer stopped.")

    assert customer_state_set(customer_id=customer.id, state=CustomerState.ACTIVE)
    customer_pause(customer=customer, actor=None)
    GmailConnection.objects.filter(tenant=customer).update(state=GmailState.NEEDS_RECONNECT)
    customer_resume(customer=customer, actor=None)
    assert (customer.state, customer.state_reason) == (CustomerState.DEGRADED, "Gmail needs to be connected again.")


def test_a_step_that_no_longer_exists_says_what_to_do(script: list[Any], settings: Any) -> None:
    _, run = onboard()
    settings.PROVISIONING_STEPS = []
    assert provisioning_advance(run_id=run.id) == ProvisioningState.FAILED
    row = step_of(run, "scripted")
    assert (row.state, "knows no step" in row.error) == (StepState.FAILED, True)
