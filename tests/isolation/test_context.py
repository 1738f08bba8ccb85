"""A context decides what a connection sees, and nothing of it outlives its end."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from agents.workspace.models import Lead
from tenants.isolation.context import ContextMissing, enter_customer, enter_platform, enter_public
from tenants.models import Customer, Domain, TokenOutbox
from tests.isolation.conftest import Customers

pytestmark = pytest.mark.usefixtures("customers")


def test_query_without_a_context_raises() -> None:
    with pytest.raises(ContextMissing):
        Domain.objects.count()


def test_customer_sees_its_own_rows_only(customers: Customers) -> None:
    ours, theirs = customers
    with enter_customer(ours.id):
        assert list(Customer.objects.values_list("id", flat=True)) == [ours.id]
        assert list(Lead.objects.values_list("tenant_id", flat=True)) == [ours.id]
    with enter_customer(theirs.id):
        assert list(Lead.objects.values_list("tenant_id", flat=True)) == [theirs.id]


def test_a_statement_runs_in_the_context_it_is_executed_in_not_its_cursors(customers: Customers) -> None:
    ours, theirs = customers
    with enter_customer(ours.id):
        cursor = connection.cursor()
    with enter_customer(theirs.id):
        cursor.execute("SELECT tenant_id FROM leads")
        assert cursor.fetchall() == [(theirs.id,)]
    with pytest.raises(ContextMissing):
        cursor.execute("SELECT tenant_id FROM leads")


def test_rollback_inside_another_context_does_not_leak_it(customers: Customers) -> None:
    ours, theirs = customers
    with enter_customer(ours.id):
        with pytest.raises(RuntimeError), transaction.atomic(), enter_customer(theirs.id):
            assert Lead.objects.get().tenant_id == theirs.id
            raise RuntimeError
        assert Lead.objects.get().tenant_id == ours.id


def test_rollback_to_savepoint_does_not_leak_the_context(customers: Customers) -> None:
    ours, theirs = customers
    with transaction.atomic(), enter_customer(ours.id):
        assert Lead.objects.get().tenant_id == ours.id
        with pytest.raises(RuntimeError), transaction.atomic(), enter_customer(theirs.id):
            assert Lead.objects.get().tenant_id == theirs.id
            raise RuntimeError
        assert Lead.objects.get().tenant_id == ours.id


def test_a_commit_that_fails_does_not_leak_the_context_before_it(customers: Customers) -> None:
    _, theirs = customers
    nobody = uuid.uuid4()
    connection.set_autocommit(False)
    with enter_customer(theirs.id):
        assert Lead.objects.count() == 1
        connection.commit()
    with enter_customer(nobody):
        TokenOutbox.objects.create(tenant_id=nobody, ciphertext=b"")  # Its foreign key is checked at the commit.
        with pytest.raises(IntegrityError):
            connection.commit()
        assert list(Customer.objects.all()) == []


def test_reconnecting_enters_the_context_again(customers: Customers) -> None:
    ours, _ = customers
    with enter_customer(ours.id):
        assert Lead.objects.count() == 1
        connection.close()
        assert Lead.objects.count() == 1


def test_anonymous_pages_see_of_customers_that_a_subdomain_is_taken_and_nothing_else() -> None:
    with enter_public(), pytest.raises(Exception, match="permission denied"):
        list(Customer.objects.all())
    with enter_public(), pytest.raises(Exception, match="permission denied"):
        list(Customer.objects.values("name"))


def test_platform_counts_but_cannot_read_leads(customers: Customers) -> None:
    ours, _ = customers
    with enter_platform(ours.id):
        assert Lead.objects.count() == 1
        with pytest.raises(Exception, match="permission denied"):
            list(Lead.objects.all())
