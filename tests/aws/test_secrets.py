"""Secrets: one of a name, restored when scheduled for deletion, never shown."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from openclaw_site.aws import errors, secrets

TOKEN = "1//refresh-token-nobody-may-see"


def make_value(token=TOKEN):
    return {"access_token": "", "refresh_token": token, "scopes": ["gmail.readonly"]}


@pytest.fixture
def name(tenant_id):
    return f"/openclaw/{tenant_id}/gmail-oauth"


def version_count(name):
    listed = boto3.client("secretsmanager", "eu-central-1").list_secret_version_ids(
        SecretId=name, IncludeDeprecated=True
    )
    return len(listed["Versions"])


def test_put_creates_a_tagged_secret(name, tenant_id):
    arn = secrets.put_secret(name=name, value=make_value(), tags={"TenantID": tenant_id})
    assert secrets.get_secret(name=name) == make_value()
    assert secrets.find_secret(name=name) == secrets.SecretInfo(
        name=name, arn=arn, deleted_at=None, tags={"TenantID": tenant_id}
    )


def test_put_again_updates_the_same_secret_and_mends_its_tags(name, tenant_id):
    first = secrets.put_secret(name=name, value=make_value("old"), tags={"TenantID": "wrong", "Kept": "1"})
    second = secrets.put_secret(name=name, value=make_value("new"), tags={"TenantID": tenant_id})
    assert first == second
    assert secrets.get_secret(name=name) == make_value("new")
    found = secrets.find_secret(name=name)
    assert found is not None
    assert found.tags == {"TenantID": tenant_id, "Kept": "1"}
    assert version_count(name) == 2


def test_put_restores_a_secret_scheduled_for_deletion(name, tenant_id):
    arn = secrets.put_secret(name=name, value=make_value("old"), tags={"TenantID": tenant_id})
    secrets.delete_secret(name=name)
    assert secrets.put_secret(name=name, value=make_value(), tags={"TenantID": tenant_id}) == arn
    assert secrets.get_secret(name=name) == make_value()
    found = secrets.find_secret(name=name)
    assert found is not None
    assert found.deleted_at is None


def test_unknown_secret_is_missing_everywhere(name):
    assert secrets.find_secret(name=name) is None
    assert secrets.delete_secret(name=name) is None
    with pytest.raises(errors.SecretMissing) as caught:
        secrets.get_secret(name=name)
    assert "connect it again" in caught.value.next_action


def test_delete_schedules_once_and_keeps_its_date(name):
    secrets.put_secret(name=name, value=make_value(), tags={})
    first = secrets.delete_secret(name=name, recovery_days=7)
    second = secrets.delete_secret(name=name, recovery_days=30)
    assert first is not None
    assert second is not None
    assert first.name == name
    assert abs(first.deletes_at - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=1)
    assert abs(second.deletes_at - first.deletes_at) < timedelta(seconds=1)
    found = secrets.find_secret(name=name)
    assert found is not None
    assert found.deleted_at == second.deletes_at


def test_secret_scheduled_for_deletion_reads_as_missing(name):
    secrets.put_secret(name=name, value=make_value(), tags={})
    secrets.delete_secret(name=name)
    with pytest.raises(errors.SecretMissing):
        secrets.get_secret(name=name)


@pytest.mark.parametrize("text", [TOKEN, f'["{TOKEN}"]'])
def test_value_that_is_no_json_object_is_refused_without_being_shown(name, text):
    boto3.client("secretsmanager", "eu-central-1").create_secret(Name=name, SecretString=text)
    with pytest.raises(errors.InvalidRequest) as caught:
        secrets.get_secret(name=name)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_name_taken_after_a_late_description_is_retried_later(faulty_aws, name):
    faulty_aws.fail("ResourceNotFoundException", "can't find")
    faulty_aws.fail("ResourceExistsException", "already exists")
    faulty_aws.fail("ResourceNotFoundException", "can't find")
    with pytest.raises(errors.ServiceFault) as caught:
        secrets.put_secret(name=name, value=make_value(), tags={})
    assert caught.value.retryable


def test_secret_made_by_another_worker_meanwhile_is_updated(faulty_aws, name):
    faulty_aws.fail("ResourceNotFoundException", "can't find")
    faulty_aws.fail("ResourceExistsException", "already exists")
    faulty_aws.answer(200, {"Name": name, "ARN": "arn:theirs"})
    faulty_aws.answer(200, {"Name": name, "ARN": "arn:theirs"})
    assert secrets.put_secret(name=name, value=make_value(), tags={}) == "arn:theirs"
    assert len(faulty_aws.requests) == 4


def test_restored_secret_that_is_not_writable_yet_is_retried_later(faulty_aws, name):
    faulty_aws.answer(200, {"Name": name, "ARN": "arn:it", "DeletedDate": 1_800_000_000})
    faulty_aws.answer(200, {"Name": name, "ARN": "arn:it"})
    faulty_aws.fail("InvalidRequestException", "the secret was marked for deletion")
    with pytest.raises(errors.ServiceFault):
        secrets.put_secret(name=name, value=make_value(), tags={})


def test_refused_value_is_neither_in_the_error_nor_behind_it(faulty_aws, name):
    faulty_aws.fail("ResourceNotFoundException", "can't find")
    faulty_aws.fail("InvalidParameterException", f"Value '{TOKEN}' at 'secretString' is too long")
    with pytest.raises(errors.InvalidRequest) as caught:
        secrets.put_secret(name=name, value=make_value(), tags={})
    shown, seen = [], caught.value
    while seen is not None:
        shown += [repr(seen), str(seen), repr(vars(seen))]
        seen = seen.__context__
    assert TOKEN not in "".join(shown)
    assert str(caught.value) == "CreateSecret: InvalidParameterException"


def test_denied_put_says_who_lacks_which_permission(faulty_aws, name):
    denial = "User: arn:aws:iam::1:role/web is not authorized to perform: secretsmanager:CreateSecret"
    faulty_aws.fail("ResourceNotFoundException", "can't find")
    faulty_aws.fail("AccessDeniedException", denial)
    with pytest.raises(errors.AccessDenied) as caught:
        secrets.put_secret(name=name, value=make_value(), tags={})
    assert denial in str(caught.value)


def test_value_stays_out_of_logs_even_at_debug(name, caplog):
    with caplog.at_level(logging.DEBUG):
        secrets.put_secret(name=name, value=make_value(), tags={})
        secrets.put_secret(name=name, value=make_value(), tags={})
        secrets.get_secret(name=name)
    assert TOKEN not in caplog.text
