"""How a connection logs in: with the password of its URL, or by IAM."""

from typing import Any

import psycopg
from django.conf import settings


def with_login_token(conn_params: dict[str, Any]) -> dict[str, Any]:
    """`conn_params` with a password: the given one, or a 15-minute RDS IAM token for this login.

    Raises psycopg.OperationalError when AWS gives none: to Django a login that failed, as with a wrong password.
    """
    if conn_params.get("password"):
        return conn_params
    from openclaw_site.aws import database as aws_database  # Imports botocore: only where log-in is by IAM.
    from openclaw_site.aws.errors import AwsError

    try:
        token = aws_database.login_token(
            host=conn_params["host"],
            port=int(conn_params.get("port") or 5432),
            user=conn_params["user"],
            region=settings.AWS_REGION,
        )
    except AwsError as error:
        raise psycopg.OperationalError(f"No login token for {conn_params['user']}: {error}") from error
    return {**conn_params, "password": token}
