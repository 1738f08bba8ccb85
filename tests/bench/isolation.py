"""What isolation costs, beside the same work without it."""

import statistics
import time
from collections.abc import Callable

from tests.bench.table import Row

ROUNDS = 300


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of one call, in milliseconds, after a tenth of the rounds to warm up."""
    times = []
    for number in range(rounds + rounds // 10):
        begun = time.perf_counter()
        work()
        if number >= rounds // 10:
            times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def measure() -> list[Row]:
    """Row-level security, the change of context, a schema."""
    from django.db import connections

    from agents.workspace.models import Lead
    from tenants.isolation.context import enter_customer
    from tenants.isolation.schemas import schema_create, schema_drop
    from tests.factories import make_customer

    ours, theirs = make_customer(), make_customer()
    for customer in (ours, theirs):
        schema_create(customer_id=customer.id)
        with enter_customer(customer.id):
            Lead.objects.bulk_create(Lead(tenant_id=customer.id, email=f"{n}@x.example") for n in range(1000))

    def owner_count() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{ours.schema_name}".leads')  # noqa: S608

    def same_context() -> None:
        Lead.objects.count()

    def changing_context() -> None:
        for customer in (ours, theirs):
            with enter_customer(customer.id):
                Lead.objects.count()

    def new_schema() -> None:
        schema_drop(customer_id=theirs.id)
        schema_create(customer_id=theirs.id)

    def empty_schema() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("CREATE SCHEMA bench_empty")
            cursor.execute("DROP SCHEMA bench_empty")

    plain = milliseconds(owner_count)
    with enter_customer(ours.id):
        same = milliseconds(same_context)
    changing = milliseconds(changing_context, ROUNDS // 2) / 2
    schema, empty = milliseconds(new_schema, 10), milliseconds(empty_schema, 50)
    return [
        Row("count under row-level security, context entered", same, "the owner's raw count", plain, "ms"),
        Row("count with a change of context before it", changing, "count, context entered", same, "ms"),
        Row("a customer's schema, migrated and protected", schema, "an empty schema", empty, "ms"),
    ]
