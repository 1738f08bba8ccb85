"""The fourth wall: the agent is who its environment says, or it does not run.

Owns the comparison of the AWS identity and of every name in the environment with TENANT_ID. IAM cannot tie a
task role to an environment, so nothing else would notice one customer's role beside another customer's names.
"""

from agents.runtime.config import Config
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from openclaw_site.aws.errors import AwsError
from openclaw_site.aws.identity import Identity, caller_identity


def verify_identity(config: Config) -> Identity:
    """The AWS identity of this process, after it and all names were found to be TENANT_ID's.

    Safe to repeat. Raises Failure: IDENTITY_MISMATCH naming what differs, SECRET_UNREADABLE when AWS did not
    say who this is (no credentials, no answer): without that the secret is out of reach too.
    """
    differences = foreign_names(config)
    if differences:
        raise Failure(Exit.IDENTITY_MISMATCH, f"not of this customer: {', '.join(differences)}")
    try:
        identity = caller_identity()
    except AwsError as error:
        detail = f"AWS identity unknown: {type(error).__name__}"
        raise Failure(Exit.SECRET_UNREADABLE, detail, retryable=error.retryable) from error
    expected = f"t_{config.tenant_id}"
    if identity.role_name != expected:
        found = identity.role_name or "no role"
        raise Failure(Exit.IDENTITY_MISMATCH, f"AWS role is {found}, expected {expected}")
    return identity


def foreign_names(config: Config) -> list[str]:
    """The variables that do not belong to TENANT_ID, by name; empty when all do."""
    tenant = config.tenant_id
    expected = {
        "TENANT_SCHEMA": (config.tenant_schema, f"t_{tenant}"),
        "DATABASE_USER": (config.database_user, f"t_{tenant}"),
        "GMAIL_SECRET_NAME": (config.gmail_secret_name, f"/openclaw/{tenant}/gmail-oauth"),
        "STORAGE_PREFIX": (config.storage_prefix, f"{tenant}/"),
    }
    return [name for name, (found, wanted) in expected.items() if found != wanted]
