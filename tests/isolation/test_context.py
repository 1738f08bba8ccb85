"""A context decides what a connection sees, and nothing of it outlives its end."""

import pytest
from django.db import connection, transaction

from agents.workspace.models import Lead
from tenants.isolation.context import ContextMissing, enter_customer, enter_platform, enter_public
from tenants.isolation.roles import agent_role_ensure
from tenants.isolation.schemas import schema_create
from tenants.models import Customer, Domain
from tests.factories import make_customer

pytestmark = pytest.mark.usefixtures("database")


def make_provisioned() -> Customer:
    customer = make_customer()
    schema_create(customer_id=customer.id)
    agent_role_ensure(customer_id=customer.id)
    with enter_customer(customer.id):
        Lead.objects.create(tenant_id=customer.id, email=f"buyer@{customer.slug}.example")
    return customer


def test_query_without_a_context_raises() -> None:
    with pytest.raises(ContextMissing):
        Domain.objects.count()


def test_customer_sees_its_own_rows_only() -> None:
    ours, theirs = make_provisioned(), make_provisioned()
    with enter_customer(ours.id):
        assert list(Customer.objects.values_list("id", flat=True)) == [ours.id]
        assert list(Lead.objects.values_list("tenant_id", flat=True)) == [ours.id]
    with enter_customer(theirs.id):
        assert list(Lead.objects.values_list("tenant_id", flat=True)) == [theirs.id]


def test_rollback_inside_another_context_does_not_leak_it() -> None:
    ours, theirs = make_provisioned(), make_provisioned()
    with enter_customer(ours.id):
        with pytest.raises(RuntimeError), transaction.atomic(), enter_customer(theirs.id):
            assert Lead.objects.get().tenant_id == theirs.id
            raise RuntimeError
        assert Lead.objects.get().tenant_id == ours.id


def test_rollback_to_savepoint_does_not_leak_the_context() -> None:
    ours, theirs = make_provisioned(), make_provisioned()
    with transaction.atomic(), enter_customer(ours.id):
        assert Lead.objects.get().tenant_id == ours.id
        with pytest.raises(RuntimeError), transaction.atomic(), enter_customer(theirs.id):
            assert Lead.objects.get().tenant_id == theirs.id
            raise RuntimeError
        assert Lead.objects.get().tenant_id == ours.id


def test_reconnecting_enters_the_context_again() -> None:
    ours = make_provisioned()
    with enter_customer(ours.id):
        assert Lead.objects.count() == 1
        connection.close()
        assert Lead.objects.count() == 1


def test_anonymous_pages_see_no_customer() -> None:
    make_provisioned()
    with enter_public(), pytest.raises(Exception, match="permission denied"):
        Customer.objects.count()


def test_platform_counts_but_cannot_read_leads() -> None:
    customer = make_provisioned()
    with enter_platform(customer.id):
        assert Lead.objects.count() == 1
        with pytest.raises(Exception, match="permission denied"):
            list(Lead.objects.all())
