"""Without a password a connection logs in by IAM; when AWS gives no token, that is a failed login like any other."""

import psycopg
import pytest

from tenants.isolation.backend.login import with_login_token

PARAMETERS = {"host": "database.example", "port": 5432, "user": "openclaw_app"}


def test_a_password_is_used_as_it_is() -> None:
    assert with_login_token({**PARAMETERS, "password": "given"}) == {**PARAMETERS, "password": "given"}


def test_without_a_password_aws_signs_one_for_this_login() -> None:
    token = with_login_token(PARAMETERS)["password"]
    assert token.startswith("database.example:5432/?Action=connect&DBUser=openclaw_app&")


def test_no_token_is_a_failed_login(without_credentials: None) -> None:
    with pytest.raises(psycopg.OperationalError, match="No login token for openclaw_app"):
        with_login_token(PARAMETERS)
