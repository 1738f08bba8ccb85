"""Every name in the environment must be TENANT_ID's."""

import pytest

from agents.runtime.identity import foreign_names
from tests.runtime.factories import TENANT, make_config

OTHER = "f" * 32


def test_names_of_one_customer_are_all_right():
    assert foreign_names(make_config()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENANT_SCHEMA", f"t_{OTHER}"),
        ("TENANT_SCHEMA", "public"),
        ("TENANT_SCHEMA", TENANT),
        ("DATABASE_USER", f"t_{OTHER}"),
        ("DATABASE_USER", "openclaw_owner"),
        ("GMAIL_SECRET_NAME", f"/openclaw/{OTHER}/gmail-oauth"),
        ("GMAIL_SECRET_NAME", f"/openclaw/{TENANT}/gmail-oauth/../../{OTHER}/gmail-oauth"),
        ("STORAGE_PREFIX", f"{OTHER}/"),
        ("STORAGE_PREFIX", TENANT),
        ("STORAGE_PREFIX", "/"),
    ],
)
def test_name_of_another_customer_is_found(name, value):
    assert foreign_names(make_config(**{name: value})) == [name]


def test_all_differences_are_named_at_once():
    config = make_config(tenant=TENANT, TENANT_ID=OTHER)
    assert foreign_names(config) == ["TENANT_SCHEMA", "DATABASE_USER", "GMAIL_SECRET_NAME", "STORAGE_PREFIX"]
