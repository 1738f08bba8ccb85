"""The prices that the company starts with: AWS's and Anthropic's public price lists as known in November 2026.

US dollars without tax, free tiers not taken off. A migration puts them into the table `Price`, where staff add newer
ones; nothing reads them from here afterwards. The regions are the seed's (us-east-1) and Frankfurt.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

VALID_FROM: Final = date(2026, 11, 1)
REGIONS: Final = ("us-east-1", "eu-central-1")

_AWS: Final = "https://aws.amazon.com"
_HOUR: Final = 3600
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of a price list, with its amounts in REGIONS' order, or one that holds everywhere."""

    code: str
    unit: str
    usd: tuple[str, ...]
    source: str
    per: int = 1


def _fargate(code: str, unit: str, *usd: str, spot: bool = False) -> Listed:
    words = "AWS Fargate pricing, Linux on x86, by the hour"
    if spot:
        words = "AWS Fargate pricing, Fargate Spot: up to 70 % off, taken at 70 %; it moves with demand"
    return Listed(code=f"fargate.{code}", unit=unit, usd=usd, per=_HOUR, source=f"{words}: {_AWS}/fargate/pricing/")


def _database(code: str, unit: str, *usd: str) -> Listed:
    words = "Amazon RDS for PostgreSQL pricing, one zone"
    return Listed(code=f"rds.{code}", unit=unit, usd=usd, source=f"{words}: {_AWS}/rds/postgresql/pricing/")


def _network(code: str, unit: str, *usd: str, words: str, page: str) -> Listed:
    return Listed(code=code, unit=unit, usd=usd, source=f"{words}: {_AWS}/{page}/pricing/")


def _model(name: str, *usd: str) -> Iterator[Listed]:
    page = "https://platform.claude.com/docs/en/about-claude/pricing"
    kinds = ("input_token", "output_token", "cache_write_token", "cache_read_token")
    for kind, amount in zip(kinds, usd, strict=True):
        for code, share, words in (
            (name, Decimal(1), "Claude model pricing; Bedrock's global profiles ask the same"),
            (f"{name}-regional", Decimal("1.1"), "Claude model pricing, 10 % more on Bedrock within a geography"),
        ):
            yield Listed(
                code=f"model.{code}.{kind}",
                unit="token",
                usd=(str(Decimal(amount) * share),),
                per=_MILLION,
                source=f"{words}: {page}",
            )


_CLOUDWATCH: Final = "CloudWatch pricing"
_LISTED: Final = (
    _fargate("vcpu_second", "vCPU-second", "0.04048", "0.04656"),
    _fargate("gib_second", "GiB-second", "0.004445", "0.00511"),
    _fargate("spot.vcpu_second", "vCPU-second", "0.012144", "0.013968", spot=True),
    _fargate("spot.gib_second", "GiB-second", "0.0013335", "0.001533", spot=True),
    _database("db.t4g.micro.hour", "instance-hour", "0.016", "0.018"),
    _database("db.t4g.medium.hour", "instance-hour", "0.065", "0.073"),
    _database("db.t4g.large.hour", "instance-hour", "0.129", "0.147"),
    _database("gp3.gib_month", "GiB-month", "0.115", "0.137"),
    _network("nat.hour", "gateway-hour", "0.045", "0.052", words="Amazon VPC pricing, NAT gateway", page="vpc"),
    _network("nat.gib", "GiB processed", "0.045", "0.052", words="Amazon VPC pricing, NAT gateway", page="vpc"),
    _network("ipv4.hour", "address-hour", "0.005", words="Amazon VPC pricing, public IPv4 address", page="vpc"),
    _network("endpoint.hour", "endpoint-hour", "0.01", "0.012", words="PrivateLink, a zone", page="privatelink"),
    _network("endpoint.gib", "GiB processed", "0.01", "0.01", words="PrivateLink", page="privatelink"),
    _network(
        "alb.hour", "balancer-hour", "0.0225", "0.027", words="Application Load Balancer", page="elasticloadbalancing"
    ),
    _network(
        "alb.lcu_hour", "LCU-hour", "0.008", "0.008", words="Application Load Balancer", page="elasticloadbalancing"
    ),
    _network("waf.acl.month", "web ACL", "5.00", words="AWS WAF pricing", page="waf"),
    _network("waf.rule.month", "rule", "1.00", words="AWS WAF pricing", page="waf"),
    _network(
        "transfer.out.gib",
        "GiB to the internet",
        "0.09",
        "0.09",
        words="EC2 on-demand pricing, data transfer, first 10 TB",
        page="ec2/on-demand",
    ),
    _network(
        "valkey.t4g.micro.hour", "node-hour", "0.0128", "0.0152", words="ElastiCache for Valkey", page="elasticache"
    ),
    _network(
        "valkey.t4g.small.hour", "node-hour", "0.0256", "0.0304", words="ElastiCache for Valkey", page="elasticache"
    ),
    _network("s3.gib_month", "GiB-month", "0.023", "0.0245", words="Amazon S3 pricing, Standard", page="s3"),
    _network("secrets.month", "secret", "0.40", words="AWS Secrets Manager pricing", page="secrets-manager"),
    _network("kms.month", "key", "1.00", words="AWS KMS pricing", page="kms"),
    _network("logs.gib", "GiB taken in", "0.50", "0.63", words=f"{_CLOUDWATCH}, logs", page="cloudwatch"),
    _network("logs.gib_month", "GiB-month kept", "0.03", "0.0324", words=f"{_CLOUDWATCH}, logs", page="cloudwatch"),
    _network("alarm.month", "alarm", "0.10", words=f"{_CLOUDWATCH}, alarms", page="cloudwatch"),
    _network("metric.month", "metric", "0.30", words=f"{_CLOUDWATCH}, custom metrics", page="cloudwatch"),
    Listed(
        code="model.unknown.micro_usd",
        unit="micro-USD",
        usd=("1",),
        per=_MILLION,
        source="Ours: what a run's bridge counted, where the run does not say which model it asked.",
    ),
    *_model("claude-haiku-4-5", "1.00", "5.00", "1.25", "0.10"),
    *_model("claude-sonnet-4-5", "3.00", "15.00", "3.75", "0.30"),
)


def listed() -> Iterator[dict[str, object]]:
    """Every price as the fields of a row of `Price`."""
    for one in _LISTED:
        regions = ("",) if len(one.usd) == 1 else REGIONS
        for region, usd in zip(regions, one.usd, strict=True):
            yield {
                "code": one.code,
                "region": region,
                "valid_from": VALID_FROM,
                "unit": one.unit,
                "usd": Decimal(usd),
                "per": one.per,
                "source": one.source,
            }
