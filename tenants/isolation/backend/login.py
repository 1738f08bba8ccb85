"""How a connection logs in: with the password of its URL, or by IAM."""

from typing import Any

from django.conf import settings


def with_login_token(conn_params: dict[str, Any]) -> dict[str, Any]:
    """`conn_params` with a password: the given one, or a 15-minute RDS IAM token for this login."""
    if conn_params.get("password"):
        return conn_params
    from openclaw_site.aws import database as aws_database  # Imports botocore: only where log-in is by IAM.

    token = aws_database.login_token(
        host=conn_params["host"],
        port=int(conn_params.get("port") or 5432),
        user=conn_params["user"],
        region=settings.AWS_REGION,
    )
    return {**conn_params, "password": token}
