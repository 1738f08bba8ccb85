"""What many clients do at once: reads, writes, transactions, rollbacks, errors, each of one customer."""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, transaction

from agents.workspace.models import Lead
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import Customer, Domain


@dataclass
class Client:
    """One client of customer `mine`, which also visits customer `other`. Counts what it read, and what was wrong."""

    mine: uuid.UUID
    other: uuid.UUID
    seed: int
    reads: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    written: int = 0
    processes: set[int] = field(default_factory=set)

    def work(self, rounds: int) -> "Client":
        """Do `rounds` things in a random order that the seed decides."""
        choices = random.Random(self.seed)
        ways: list[Callable[[], None]] = [
            self.reads_single_statements,
            self.writes,
            self.rolls_back_to_a_savepoint,
            self.visits_the_other,
            self.iterates,
            self.retries_after_an_error,
            self.asks_as_the_platform,
        ]
        for _ in range(rounds):
            with enter_customer(self.mine):
                choices.choice(ways)()
        return self

    def reads_single_statements(self) -> None:
        self._look("single statement", self.mine)
        self._expect("public rows", set(Domain.objects.values_list("tenant_id", flat=True)), {self.mine})
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), tenant_id FROM leads")
            rows = cursor.fetchall()
        self.processes |= {row[0] for row in rows}
        self._expect("cursor", {row[1] for row in rows}, {self.mine})

    def writes(self) -> None:
        self._write()
        with transaction.atomic():
            self._look("transaction", self.mine)
            self._write()

    def rolls_back_to_a_savepoint(self) -> None:
        with transaction.atomic():
            self._write()
            try:
                with transaction.atomic(), enter_customer(self.other):
                    self._look("savepoint", self.other)
                    raise ArithmeticError
            except ArithmeticError:
                self._look("after the savepoint", self.mine)

    def visits_the_other(self) -> None:
        with enter_customer(self.other):
            self._look("nested context", self.other)
            with transaction.atomic(), enter_customer(self.mine):
                self._look("nested twice", self.mine)
            self._look("nested context again", self.other)
        self._look("after the nested context", self.mine)

    def iterates(self) -> None:
        for lead in Lead.objects.iterator(chunk_size=1):
            self._expect("iterator", {lead.tenant_id}, {self.mine})

    def retries_after_an_error(self) -> None:
        email = Lead.objects.values_list("email", flat=True)[0]
        try:
            Lead.objects.create(tenant_id=self.mine, email=email)
        except IntegrityError:
            self._write()
        self._look("after an error", self.mine)

    def asks_as_the_platform(self) -> None:
        with enter_platform():
            self._expect("platform", set(Customer.objects.values_list("id", flat=True)), {self.mine, self.other})

    def _write(self) -> None:
        Lead.objects.create(tenant_id=self.mine, email=f"{uuid.uuid4().hex}@x.example")
        self.written += 1

    def _look(self, where: str, whose: uuid.UUID) -> None:
        self._expect(where, set(Lead.objects.values_list("tenant_id", flat=True)), {whose})
        self._expect(where, set(Customer.objects.values_list("id", flat=True)), {whose})

    def _expect(self, where: str, found: set[uuid.UUID], wanted: set[uuid.UUID]) -> None:
        self.reads += 1
        if found != wanted:
            self.wrong[where] += 1
