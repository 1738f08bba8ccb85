"""`manage.py connect_gmail_url`."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.dateparse import parse_datetime

from tenants.isolation.context import enter_platform
from tenants.models import Customer, GmailIntent
from tests.gmail.visit import MAILBOX, get


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("connect_gmail_url", *arguments, stdout=out)
    return out.getvalue()


def test_prints_a_link_that_opens_and_until_when(customer: Customer) -> None:
    link, until = run(customer.slug).splitlines()
    assert MAILBOX in get(Client(), link).content.decode()
    with enter_platform():
        assert f"{GmailIntent.objects.get().expires_at:%Y-%m-%d %H:%M} UTC" in until


def test_json_for_scripts(customer: Customer) -> None:
    answer = json.loads(run(customer.slug, "--json", "--minutes", "60"))
    assert (answer["customer"], answer["mailbox"]) == (customer.slug, MAILBOX)
    assert get(Client(), answer["url"]).status_code == 200
    assert parse_datetime(answer["expires_at"]) is not None


@pytest.mark.parametrize("arguments", [["nobody"], ["{slug}", "--minutes", "0"]])
def test_wrong_command_line_exits_with_2(customer: Customer, arguments: list[str]) -> None:
    with pytest.raises(CommandError) as error:
        run(*(argument.format(slug=customer.slug) for argument in arguments))
    assert error.value.returncode == 2


def test_customer_that_is_leaving_gets_no_link(customer: Customer) -> None:
    with enter_platform():
        Customer.objects.update(state="closed")
    with pytest.raises(CommandError, match="closed") as error:
        run(customer.slug)
    assert error.value.returncode == 2
