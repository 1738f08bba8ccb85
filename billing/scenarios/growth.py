"""The production platform at 10, 100 and 1,000 customers: what of it grows, and why."""

from decimal import Decimal
from typing import Final

from billing.platform import PLATFORMS, Part
from billing.scenarios.quantities import Line

_BALANCER: Final = ("load_balancer", "load balancer's capacity", "alb.lcu_hour")
_DISK: Final = ("database", "PostgreSQL's storage", "rds.gp3.gib_month")


def _part(place: tuple[str, str, str], quantity: str, note: str) -> Part:
    group, resource, code = place
    return Part(group=group, resource=resource, code=code, quantity=Decimal(quantity), note=note)


# Parts that stand in place of those of the same resource and price, or beside them.
GROWN: Final[dict[int, tuple[Part, ...]]] = {
    10: (),
    100: (
        _part(_BALANCER, "1", "estimate"),
        _part(_DISK, "80", "twice the disk, and the standby's"),
    ),
    1_000: (
        _part(_BALANCER, "4", "estimate"),
        _part(_DISK, "400", "ten times the disk, and the standby's"),
        # 116 agents run at a time on average, and three times as many in office hours: as many as a db.t4g.medium has
        # connections.
        _part(("database", "PostgreSQL", "rds.db.t4g.medium.hour"), "0", "too few connections"),
        _part(("database", "PostgreSQL", "rds.db.t4g.large.hour"), "2", "twice the connections"),
        _part(("back_office", "back office", "fargate.vcpu_second"), "5.5", "web 4 and worker 6 of 0.5, two of 0.25"),
        _part(("back_office", "back office", "fargate.gib_second"), "11.5", "web 4, worker 6, provisioner, beat"),
    ),
}


def platform_lines(platform: str, *, customers: int = 10) -> tuple[Line, ...]:
    """A month of a platform, grown to so many customers."""
    parts = {(part.group, part.resource, part.code): part for part in (*PLATFORMS[platform], *GROWN[customers])}
    return tuple(
        Line(resource=part.resource, code=part.code, quantity=part.of_month(), note=part.note)
        for part in parts.values()
        if part.quantity
    )
