"""Identity and database log-in: who we are, and the password that follows from it."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import boto3
import pytest

from openclaw_site.aws import database, errors, identity
from openclaw_site.aws.clients import reset_clients


@pytest.fixture
def task_role(monkeypatch):
    """The credentials of a customer's role in the environment, as a task has them; the role's name."""
    name = f"t_{uuid4().hex}"
    trust = {"Version": "2012-10-17", "Statement": []}
    role = boto3.client("iam", "eu-central-1").create_role(
        RoleName=name, Path="/openclaw/tenants/", AssumeRolePolicyDocument=json.dumps(trust)
    )["Role"]
    credentials = boto3.client("sts", "eu-central-1").assume_role(RoleArn=role["Arn"], RoleSessionName="agent-session")[
        "Credentials"
    ]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", credentials["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", credentials["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", credentials["SessionToken"])
    reset_clients()
    return name


def test_task_is_known_by_its_roles_name(task_role):
    found = identity.caller_identity()
    assert found.role_name == task_role
    assert found.account == "123456789012"


def test_user_has_no_role():
    found = identity.caller_identity()
    assert found.role_name is None
    assert found.arn.startswith("arn:aws:sts::123456789012:")


def test_login_token_is_bound_to_host_user_and_session(task_role):
    token = database.login_token(host="db.internal", port=5432, user=task_role, region="eu-west-1")
    address = urlsplit(f"https://{token}")
    query = parse_qs(address.query)
    assert address.netloc == "db.internal:5432"
    assert query["Action"] == ["connect"]
    assert query["DBUser"] == [task_role]
    assert query["X-Amz-Expires"] == ["900"]
    assert "/eu-west-1/rds-db/aws4_request" in query["X-Amz-Credential"][0]
    assert "X-Amz-Security-Token" in query


def test_login_token_needs_credentials(monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    reset_clients()
    with pytest.raises(errors.CredentialsMissing):
        database.login_token(host="db.internal", port=5432, user="t_0", region="eu-west-1")
