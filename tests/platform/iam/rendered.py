"""The policies as AWS holds them after Terraform and the product have made them, read back from AWS.

Owns how they come about: the modules that hold policies are applied to an AWS of their own, and two customers' roles
are made there by the product's own code. Once for all workers of a test run.
"""

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from openclaw_site.aws import iam
from openclaw_site.aws.clients import reset_clients
from tests.platform import moto
from tests.platform.iam.evaluator import Policy, Principal
from tests.platform.terraform.cli import Terraform

ROOT = Path(__file__).parent / "root"
ACCOUNT, REGION, NAME = "123456789012", "eu-central-1", "openclaw-production"
TENANT_PATH = "/openclaw/production/tenants/"
A, B = "a" * 32, "b" * 32
PROCESSES = ("web", "worker", "provisioner", "beat", "operator")
_TARGETS = (
    "module.storage.aws_s3_bucket_policy.this",
    "module.agents",
    "module.backoffice.aws_iam_role_policy.task",
    "module.backoffice.module.execution",
    "module.backoffice.module.bootstrap_execution",
    "module.bootstrap.aws_iam_policy.boundary",
    "module.bootstrap.aws_iam_role_policy.plan",
    "module.bootstrap.aws_iam_role_policy.apply",
)


@dataclass(frozen=True)
class Role:
    """A role as AWS shows it: its principal, and whom it trusts."""

    principal: Principal
    trust: Policy


@dataclass(frozen=True)
class World:
    """Roles by name, the bucket's policy, documents by ARN, and the outputs of the applied root.

    `inline_characters` has what a role's inline policies take of IAM's limit, by role, the other each document's.
    """

    roles: dict[str, Role]
    bucket_policy: Policy
    documents: dict[str, Policy]
    outputs: dict[str, str]
    inline_characters: dict[str, int]
    managed_characters: dict[str, int]

    def tenant(self, tenant: str) -> Principal:
        return self.roles[f"t_{tenant}"].principal

    def process(self, process: str) -> Principal:
        return self.roles[f"{NAME}-{process}"].principal


def world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> World:
    """What is there, rendered by whichever worker comes first."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if shared.name.startswith("popen-") else shared
    with (shared / "iam.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = shared / "iam.json"
        if not kept.exists():
            kept.write_text(json.dumps(_render(shared / "iam", monkeypatch)))
        return _read(json.loads(kept.read_text()))


def _render(data: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    with moto.moto_server() as url:
        environment = moto.environment(url)
        terraform = Terraform(ROOT, data, {**environment, "TF_DATA_DIR": str(data / "terraform")})
        terraform.init()
        state = f"-state={data / 'terraform.tfstate'}"
        terraform.run("apply", "-auto-approve", "-input=false", state, *(f"-target={target}" for target in _TARGETS))
        outputs = json.loads(terraform.run("output", "-json", state))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        reset_clients()
        try:
            values = {name: output["value"] for name, output in outputs.items()}
            for tenant in (A, B):
                _make_customer(tenant, values)
            return {**_read_back(values), "outputs": values}
        finally:
            monkeypatch.undo()
            reset_clients()


def _make_customer(tenant: str, outputs: dict[str, str]) -> None:
    iam.ensure_role(
        name=f"t_{tenant}",
        path=TENANT_PATH,
        tags={"TenantID": tenant},
        boundary_arn=outputs["tenant_boundary_arn"],
        policy_arns=[outputs["tenant_policy_arn"]],
        description="Agents of one OpenClaw customer",
    )


def _read_back(outputs: dict[str, str]) -> dict[str, Any]:
    client = boto3.client("iam")

    def managed(arn: str) -> Any:
        version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

    roles, documents = {}, {}
    for page in client.get_paginator("list_roles").paginate():
        for listed in page["Roles"]:
            name = listed["RoleName"]
            role = client.get_role(RoleName=name)["Role"]
            attached = [
                one["PolicyArn"] for one in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
            ]
            inline = client.list_role_policies(RoleName=name)["PolicyNames"]
            boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
            for arn in [*attached, *([boundary] if boundary else [])]:
                documents[arn] = managed(arn)
            roles[name] = {
                "arn": role["Arn"],
                "tags": {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])},
                "trust": role["AssumeRolePolicyDocument"],
                "attached": attached,
                "inline": [client.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in inline],
                "boundary": boundary,
            }
    bucket = boto3.client("s3").get_bucket_policy(Bucket=f"{NAME}-agents-{ACCOUNT}")["Policy"]
    return {"roles": roles, "documents": documents, "bucket_policy": json.loads(bucket)}


def _read(kept: dict[str, Any]) -> World:
    documents = {arn: Policy.of(document) for arn, document in kept["documents"].items()}
    roles = {
        name: Role(
            Principal(
                arn=role["arn"],
                policies=[documents[arn] for arn in role["attached"]] + [Policy.of(one) for one in role["inline"]],
                boundary=documents[role["boundary"]] if role["boundary"] else None,
                tags=role["tags"],
            ),
            Policy.of(role["trust"]),
        )
        for name, role in kept["roles"].items()
    }
    return World(
        roles,
        Policy.of(kept["bucket_policy"]),
        documents,
        kept["outputs"],
        {name: sum(map(_characters, role["inline"])) for name, role in kept["roles"].items()},
        {arn: _characters(document) for arn, document in kept["documents"].items()},
    )


def _characters(document: Any) -> int:
    """As IAM counts: without blanks."""
    return len(json.dumps(document, separators=(",", ":")))
