"""What customers share: the platform that Terraform makes, in quantities. A test holds it against Terraform's files.

Quantities are those of an hour where the price is one of hours or seconds, and those of a month otherwise. What is
estimated says so. What agents themselves use is metered, not listed here.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from billing.pricing import PriceBook, is_monthly
from billing.pricing.lookup import month_part

HOURS_A_MONTH: Final = 730  # 365 days in 12 months, as AWS's own calculator has it.
_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So much of one thing that stands there for everybody."""

    group: str
    resource: str
    code: str
    quantity: Decimal
    note: str

    def of_month(self) -> Decimal:
        """How much a month of HOURS_A_MONTH counts."""
        return self.quantity * self._an_hour() * HOURS_A_MONTH if self._is_timed() else self.quantity

    def micro_usd_of_day(self, prices: PriceBook, region: str) -> int:
        """What it costs on the day of these prices. Raises PriceMissing."""
        if self._is_timed():
            return prices.micro_usd(code=self.code, region=region, quantity=self.quantity * self._an_hour() * 24)
        if is_monthly(self.code):
            return prices.micro_usd(code=self.code, region=region, quantity=self.quantity)
        return month_part(prices.exact(code=self.code, region=region, quantity=self.quantity), prices.day)

    def _is_timed(self) -> bool:
        return self.code.endswith(("hour", "_second"))

    def _an_hour(self) -> int:
        return _SECONDS if self.code.endswith("_second") else 1


def _part(group: str, resource: str, code: str, quantity: str, note: str) -> Part:
    return Part(group=group, resource=resource, code=code, quantity=Decimal(quantity), note=note)


_DEV: Final = (
    _part("back_office", "back office", "fargate.spot.vcpu_second", "1", "four processes of 0.25 vCPU, on Spot"),
    _part("back_office", "back office", "fargate.spot.gib_second", "2", "four processes of 0.5 GiB, on Spot"),
    _part("database", "PostgreSQL", "rds.db.t4g.micro.hour", "1", "no standby"),
    _part("database", "PostgreSQL's storage", "rds.gp3.gib_month", "20", "the smallest; grows by itself"),
    _part("cache", "Valkey", "valkey.t4g.micro.hour", "1", "no replica"),
    _part("network", "NAT gateway", "nat.hour", "1", "one"),
    _part("network", "public addresses", "ipv4.hour", "3", "NAT gateway's, and the load balancer's in two zones"),
    _part("network", "NAT traffic", "nat.gib", "20", "estimate: image pulls of the back office, Google, mail"),
    _part("load_balancer", "load balancer", "alb.hour", "1", "one"),
    _part("load_balancer", "load balancer's capacity", "alb.lcu_hour", "0.1", "estimate: few requests"),
    _part("watch", "keys", "kms.month", "5", "database, cache, bucket, exec, alarms"),
    _part(
        "watch", "secrets of the platform", "secrets.month", "4", "keys of sessions and fields, Google's, database's"
    ),
    _part("watch", "logs", "logs.gib", "3", "estimate"),
    _part("watch", "metrics", "metric.month", "5", "estimate: those that are published"),
    _part("watch", "alarms", "alarm.month", "10", "estimate"),
)
_PRODUCTION: Final = (
    _part("back_office", "back office", "fargate.vcpu_second", "2.5", "web 2 and worker 2 of 0.5, two of 0.25 vCPU"),
    _part("back_office", "back office", "fargate.gib_second", "5.5", "web 2, worker 2 and provisioner of 1, beat 0.5"),
    _part("proxy", "egress proxy", "fargate.vcpu_second", "0.5", "two of 0.25 vCPU"),
    _part("proxy", "egress proxy", "fargate.gib_second", "1", "two of 0.5 GiB"),
    _part("database", "PostgreSQL", "rds.db.t4g.medium.hour", "2", "with its standby in another zone"),
    _part("database", "PostgreSQL's storage", "rds.gp3.gib_month", "40", "20, and the standby's; grows by itself"),
    _part("cache", "Valkey", "valkey.t4g.small.hour", "2", "with its replica"),
    _part("network", "NAT gateways", "nat.hour", "2", "one a zone"),
    _part("network", "public addresses", "ipv4.hour", "4", "the NAT gateways', and the load balancer's in two zones"),
    _part("network", "NAT traffic", "nat.gib", "60", "estimate: image pulls of the back office, Google, mail"),
    _part("network", "interface endpoints", "endpoint.hour", "12", "six services in two zones"),
    _part(
        "network", "endpoints' traffic", "endpoint.gib", "30", "estimate; images' layers come by S3's, which is free"
    ),
    _part("load_balancer", "load balancer", "alb.hour", "1", "one"),
    _part("load_balancer", "load balancer's capacity", "alb.lcu_hour", "0.5", "estimate"),
    _part("firewall", "firewall", "waf.acl.month", "1", "one"),
    _part("firewall", "firewall's rules", "waf.rule.month", "4", "a limit, and three of AWS's sets"),
    _part("watch", "keys", "kms.month", "5", "database, cache, bucket, exec, alarms"),
    _part(
        "watch",
        "secrets of the platform",
        "secrets.month",
        "5",
        "keys of sessions and fields, Google's, database's, proxy's",
    ),
    _part(
        "watch", "logs", "logs.gib", "15", "estimate: those of agents too, which CloudWatch does not tell by customer"
    ),
    _part("watch", "metrics", "metric.month", "10", "estimate: those that are published"),
    _part("watch", "alarms", "alarm.month", "20", "estimate"),
)
PLATFORMS: Final = {"dev": _DEV, "production": _PRODUCTION}


def shared_of_day(*, environment: str, prices: PriceBook, region: str) -> dict[str, int]:
    """What the platform costs on the day of these prices, by group, in millionths of a dollar. Raises PriceMissing."""
    groups: dict[str, int] = {}
    for part in PLATFORMS[environment]:
        groups[part.group] = groups.get(part.group, 0) + part.micro_usd_of_day(prices, region)
    return groups
