"""What customers share is what Terraform makes: sizes and numbers are read from its files."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from billing.platform import PLATFORMS

TERRAFORM = Path(__file__).resolve().parents[2] / "terraform"


def settings_of(environment: str) -> str:
    return (TERRAFORM / "environments" / environment / "main.tf").read_text()


def quantity(environment: str, code: str, group: str = "") -> Decimal:
    return sum(
        (part.quantity for part in PLATFORMS[environment] if part.code == code and group in ("", part.group)),
        Decimal(0),
    )


def number(text: str, name: str, default: int = 0) -> int:
    found = re.search(rf"\b{name}\s+= (\d+)", text)
    return int(found[1]) if found else default


@pytest.mark.parametrize("environment", PLATFORMS)
def test_database_cache_and_network_are_terraforms(environment: str) -> None:
    text = settings_of(environment)
    instance = re.search(r'instance_class\s+= "(.+)"', text)
    node = re.search(r'node_type\s*= "cache\.(.+)"', text)
    assert instance and node
    copies = 2 if re.search(r"multi_az\s+= true", text) else 1
    assert quantity(environment, f"rds.{instance[1]}.hour") == copies
    assert quantity(environment, "rds.gp3.gib_month") == copies * 20
    assert quantity(environment, f"valkey.{node[1]}.hour") == 1 + number(text, "replicas")
    gateways, zones = number(text, "nat_gateway_count"), 2
    assert quantity(environment, "nat.hour") == gateways
    assert quantity(environment, "ipv4.hour") == gateways + zones
    endpoints = re.search(r"interface_endpoints\s+= \[(.*)\]", text)
    services = len(re.findall(r'"[^"]+"', endpoints[1])) if endpoints else 0
    assert quantity(environment, "endpoint.hour") == services * zones
    assert (quantity(environment, "waf.acl.month") == 1) == bool(re.search(r"waf\s+= true", text))


@pytest.mark.parametrize("environment", PLATFORMS)
def test_the_back_offices_tasks_are_terraforms(environment: str) -> None:
    text = settings_of(environment)
    spot = "spot." if "FARGATE_SPOT" in text else ""
    processes = re.findall(r"= \{ cpu = (\d+), memory_mib = (\d+), count = (\d+)", text)
    assert len(processes) == 4
    cpu = sum(Decimal(int(cpu) * int(count)) / 1024 for cpu, _, count in processes)
    memory = sum(Decimal(int(memory) * int(count)) / 1024 for _, memory, count in processes)
    assert quantity(environment, f"fargate.{spot}vcpu_second", "back_office") == cpu
    assert quantity(environment, f"fargate.{spot}gib_second", "back_office") == memory
    service = (TERRAFORM / "modules" / "egress" / "service.tf").read_text()
    proxies = number(text.split("egress = {")[1], "count") if "egress = {" in text else 0
    assert quantity(environment, "fargate.vcpu_second", "proxy") == Decimal(proxies * number(service, "cpu")) / 1024
    assert quantity(environment, "fargate.gib_second", "proxy") == Decimal(proxies * number(service, "memory")) / 1024


def test_the_keys_are_terraforms() -> None:
    keys = [
        path for path in (TERRAFORM / "modules").rglob("*.tf") if re.search(r'source\s+= "\.\./key"', path.read_text())
    ]
    for environment in PLATFORMS:
        assert quantity(environment, "kms.month") == len(keys)
