"""The environment is checked as a whole and every problem is named."""

import pytest

from agents.runtime.config import ConfigError, read_config
from tests.runtime.factories import ADDRESS, TENANT, make_config, make_environ


def test_complete_environment_is_read():
    config = make_config(LOOP_SECONDS="5", AGENT_MODE="loop")
    assert config.tenant_id == TENANT
    assert config.tenant_uuid.hex == TENANT
    assert (config.agent_mode, config.loop_seconds, config.health_port) == ("loop", 5, 0)
    assert config.gmail_api_endpoint == "https://gmail.googleapis.com"


def test_defaults():
    config = make_config(HEALTH_PORT=None)
    assert (config.loop_seconds, config.health_port, config.task_metadata_uri) == (60, 8080, "")


def test_empty_environment_names_every_missing_variable_at_once():
    with pytest.raises(ConfigError) as caught:
        read_config({})
    equipment = {name for name in make_environ() if name.startswith(("MODEL_", "ENGINE_"))}
    required = set(make_environ()) - {"HEALTH_PORT"} - equipment
    assert {problem.removesuffix(" is missing") for problem in caught.value.problems} == required
    assert all(name in str(caught.value) for name in required)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENANT_ID", "0123"),
        ("TENANT_ID", "01234567-89ab-cdef-0123-456789abcdef"),
        ("TENANT_ID", TENANT.upper()),
        ("CUSTOMER_EMAIL", "acme.example"),
        ("CUSTOMER_EMAIL", "a@b/../../other"),
        ("AGENT_ROLE", "admin"),
        ("AGENT_RUN_ID", "7"),
        ("AGENT_MODE", "forever"),
        ("DATABASE_PORT", "0"),
        ("DATABASE_PORT", "65536"),
        ("DATABASE_PORT", "²"),
        ("DATABASE_SSLMODE", "maybe"),
        ("HEALTH_PORT", "-1"),
        ("LOOP_SECONDS", "-5"),
        ("LOOP_SECONDS", "soon"),
        ("GMAIL_API_ENDPOINT", "http://gmail.example"),
        ("GMAIL_API_ENDPOINT", "http://127.evil.example"),
        ("GMAIL_API_ENDPOINT", "http://evil.localhost"),
        ("GMAIL_API_ENDPOINT", "ftp://127.0.0.1"),
        ("GMAIL_API_ENDPOINT", "http://[::1"),
    ],
)
def test_invalid_value_is_named_and_not_repeated(name, value):
    with pytest.raises(ConfigError) as caught:
        make_config(**{name: value})
    (problem,) = caught.value.problems
    assert problem.startswith(f"{name} must be ")
    assert value not in problem


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:4000", "http://[::1]:4000", "http://localhost:4000/", "https://mail.example"]
)
def test_tokens_go_to_https_or_loopback(endpoint):
    assert make_config(GMAIL_API_ENDPOINT=endpoint).gmail_api_endpoint == endpoint.rstrip("/")


def test_address_is_kept_in_one_case_and_out_of_the_repr():
    config = make_config(CUSTOMER_EMAIL=ADDRESS.title())
    assert config.customer_email == ADDRESS
    assert "acme" not in repr(config)
