"""The quantities of the scenarios, each with where it comes from. Prices come from the table of prices alone.

A seed figure is what the product's first sketch of costs says of the resource. It has whole dollars and no quantities,
so these are ours: `note` says how they were found, `reason` why the dollars differ. A month has 730 hours.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from billing.platform import HOURS_A_MONTH

REGION: Final = "us-east-1"  # The sketch's: its NAT gateway of 32 USD is 0.045 an hour.
_SECONDS: Final = HOURS_A_MONTH * 3600
AGENT_VCPU: Final = Decimal("0.5")
AGENT_GIB: Final = Decimal(1)

# A run of a scheduled agent: 57 s to pull its image, 15 s for a tick with one new mail (docs/benchmarks.md), 18 s for
# the task to start and to end.
RUN_SECONDS: Final = 90
# Turns of the model that the sketch's 1,500 USD pay for: 10,000 tokens read and 1,000 written each, as in a day's work
# of sorting and answering; 37 a day for each agent. Scheduled, each turn is a run.
TURNS_A_DAY: Final = 37
DAYS: Final = 30
TOKENS_READ: Final = 10_000
TOKENS_WRITTEN: Final = 1_000
AGENTS: Final = 3
# Spot is asked first; so much of the time it has no room.
ON_DEMAND_SHARE: Final = Decimal("0.2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So much of one price in a month. `free` of it costs nothing."""

    resource: str
    code: str
    quantity: Decimal
    note: str
    seed_usd: int | None = None
    reason: str = ""
    free: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One environment of the sketch: its bill, the agents in it, what it earns, and our own platform of that size."""

    name: str
    customers: int
    revenue_usd: int
    seed_total_usd: int
    seed_margin_percent: int | None
    lines: tuple[Line, ...]
    platform: str


def agents_always_on(customers: int, seed_usd: int) -> tuple[Line, ...]:
    """Three agents a customer, day and night: two on demand and one on Spot, which is what the sketch's figures fit."""
    on_demand, spot = 2 * customers, customers
    note = f"{on_demand} tasks of 0.5 vCPU and 1 GiB, day and night"
    spot_note = f"{spot} tasks of 0.5 vCPU and 1 GiB, day and night, on Spot"
    reason = (
        f"the sketch's {seed_usd} USD is 13.33 a task; on demand alone it would be 17.98. It fits one of each "
        "customer's three on Spot, as the sketch advises, with the memory counted"
    )
    return (
        _tasks("fargate.vcpu_second", AGENT_VCPU * on_demand, note, seed_usd, reason),
        _tasks("fargate.gib_second", AGENT_GIB * on_demand, note),
        _tasks("fargate.spot.vcpu_second", AGENT_VCPU * spot, spot_note),
        _tasks("fargate.spot.gib_second", AGENT_GIB * spot, spot_note),
    )


def agents_scheduled(customers: int) -> tuple[Line, ...]:
    """The same turns, each in a run of its own: started when there is work, ended when it is done."""
    runs = customers * AGENTS * TURNS_A_DAY * DAYS
    note = f"{runs:,} runs of {RUN_SECONDS} s"
    seconds = Decimal(runs * RUN_SECONDS)
    spot, on_demand = seconds * (1 - ON_DEMAND_SHARE), seconds * ON_DEMAND_SHARE
    return tuple(
        Line(resource="agents on Fargate", code=code, quantity=share * size, note=f"{note}, {where}")
        for share, kind, where in ((spot, "fargate.spot", "four fifths on Spot"), (on_demand, "fargate", "the rest"))
        for code, size in ((f"{kind}.vcpu_second", AGENT_VCPU), (f"{kind}.gib_second", AGENT_GIB))
    )


def one_customer_more() -> tuple[Line, ...]:
    """What a customer on the scheduled plan adds to the infrastructure in a month; the model is not part of it."""
    estimate = "estimate"
    return (
        *agents_scheduled(1),
        Line(resource="secret", code="secrets.month", quantity=Decimal(1), note="its Gmail token"),
        Line(resource="files", code="s3.gib_month", quantity=Decimal("0.5"), note=estimate),
        Line(resource="rows", code="rds.gp3.gib_month", quantity=Decimal("0.2"), note=f"{estimate}, with the standby"),
        Line(resource="logs", code="logs.gib", quantity=Decimal("0.1"), note=f"{estimate}: 30 KB a run"),
        Line(resource="traffic", code="nat.gib", quantity=Decimal(1), note=f"{estimate}: Gmail, by the proxy"),
        Line(resource="traffic", code="endpoint.gib", quantity=Decimal(1), note=f"{estimate}: the model, secrets"),
    )


def _tasks(code: str, size: Decimal, note: str, seed_usd: int | None = None, reason: str = "") -> Line:
    quantity = size * _SECONDS
    return Line(resource="agents on Fargate", code=code, quantity=quantity, note=note, seed_usd=seed_usd, reason=reason)


def _hours(resource: str, code: str, count: int, seed_usd: int | None, note: str, reason: str = "") -> Line:
    quantity = Decimal(count * HOURS_A_MONTH)
    return Line(resource=resource, code=code, quantity=quantity, note=note, seed_usd=seed_usd, reason=reason)


def _shared(
    *, database: str, database_usd: int, disk: int, zones: int, nat_usd: int, s3: int, s3_usd: int
) -> tuple[Line, ...]:
    """What both environments have, in other sizes."""
    return (
        _hours(
            "PostgreSQL",
            f"rds.{database}.hour",
            1,
            database_usd,
            "one instance, no standby",
            f"the sketch rounds; its {database_usd} USD fit the instance and a disk of {disk} GiB",
        ),
        Line(resource="PostgreSQL", code="rds.gp3.gib_month", quantity=Decimal(disk), note="its disk"),
        _hours(
            "NAT gateway",
            "nat.hour",
            zones,
            nat_usd,
            f"in {zones} zone{'s' if zones > 1 else ''}",
            "each has a public address, which AWS asks 0.005 an hour for since February 2024",
        ),
        _hours("NAT gateway", "ipv4.hour", zones, None, "its address"),
        Line(
            resource="S3",
            code="s3.gib_month",
            quantity=Decimal(s3),
            note=f"{s3} GB in the Standard class",
            seed_usd=s3_usd,
            reason=f"{s3} GB are {s3} times 0.023 USD: the sketch's {s3_usd} USD would keep over ten times as much",
        ),
    )


def _transfer(gib: int, seed_usd: int) -> tuple[Line, ...]:
    return (
        Line(
            resource="data transfer",
            code="transfer.out.gib",
            quantity=Decimal(gib),
            note=f"{gib} GB to the internet, what the sketch's {seed_usd} USD pay for at 0.09",
            seed_usd=seed_usd,
            reason="an account's first 100 GB a month are free, and all of it passes the NAT gateway, which asks too",
            free=100,
        ),
        Line(resource="data transfer", code="nat.gib", quantity=Decimal(gib), note="the same, by the NAT gateway"),
    )


def _model(customers: int, seed_usd: int) -> tuple[Line, ...]:
    turns = customers * AGENTS * TURNS_A_DAY * DAYS
    note = f"{turns:,} turns, {TURNS_A_DAY} a day and agent"
    return (
        Line(
            resource="Claude Sonnet on Bedrock",
            code="model.claude-sonnet-4-5.input_token",
            quantity=Decimal(turns * TOKENS_READ),
            note=f"{note}, {TOKENS_READ:,} tokens read in each",
            seed_usd=seed_usd,
            reason="the turns were chosen to fit the sketch's sum, which names no quantity; within one geography, as "
            "by a profile eu.anthropic…, Bedrock asks 10 % more",
        ),
        Line(
            resource="Claude Sonnet on Bedrock",
            code="model.claude-sonnet-4-5.output_token",
            quantity=Decimal(turns * TOKENS_WRITTEN),
            note=f"{note}, {TOKENS_WRITTEN:,} tokens written in each",
        ),
    )


SCENARIOS: Final = {
    "development": Scenario(
        name="development",
        customers=1,
        revenue_usd=0,
        seed_total_usd=100,
        seed_margin_percent=None,
        platform="dev",
        lines=(
            *agents_always_on(1, 40),
            *_shared(database="db.t4g.micro", database_usd=15, disk=20, zones=1, nat_usd=32, s3=10, s3_usd=3),
            *_transfer(110, 10),
        ),
    ),
    "production": Scenario(
        name="production",
        customers=10,
        revenue_usd=5_000,  # 10 customers at 500 USD.
        seed_total_usd=2_100,
        seed_margin_percent=58,
        platform="production",
        lines=(
            *agents_always_on(10, 400),
            *_shared(database="db.t4g.medium", database_usd=60, disk=100, zones=2, nat_usd=64, s3=100, s3_usd=25),
            *_model(10, 1_500),
            *_transfer(555, 50),
        ),
    ),
}
