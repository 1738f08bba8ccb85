"""Bootstrap and dev, applied to an emulated AWS as docs/deploy.md says, and what Terraform tells the back office."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from openclaw_site.devstack.aws.platform import Platform
from tests.platform import moto
from tests.platform.terraform.cli import TERRAFORM, Terraform, provider_mirror

ACCOUNT, REGION, DOMAIN = "123456789012", "eu-central-1", "openclaw.localhost"
# The S3 backend has switches of its own for an AWS that is none.
_EMULATED_BACKEND = (
    "-backend-config=skip_credentials_validation=true",
    "-backend-config=skip_metadata_api_check=true",
    "-backend-config=skip_requesting_account_id=true",
    "-backend-config=use_path_style=true",
)


class AppliedEnvironment:
    """The environment dev in an account that has nothing. `seconds` has what each step took."""

    def __init__(self, data: Path, *, url: str, variables: Mapping[str, Any]) -> None:
        self._data = data
        self._aws = moto.environment(url)
        self._variables = data / "dev.tfvars.json"
        self._given = dict(variables)
        self.seconds: dict[str, float] = {}
        self._terraform = Terraform(TERRAFORM / "environments" / "dev", data / "dev", self._aws)

    def apply(self, agent_environment: Mapping[str, str]) -> Platform:
        """Bootstrap, then the environment. The platform as the embedded world is told it."""
        self._given["emulation"]["agent_environment"] = dict(agent_environment)
        self._given["hosted_zone_id"] = self._zone()
        self._write()
        self._timed("bootstrap", self._bootstrap)
        self._timed("apply", self._apply)
        return self._platform()

    def change(self, **variables: Any) -> None:
        """Apply again with these variables."""
        self._given.update(variables)
        self._write()
        self._timed("change", self._apply)

    def plan(self) -> list[str]:
        """Addresses of what a plan would change now."""
        begun = time.monotonic()
        plan = self._data / "plan"
        self._terraform.run("plan", "-input=false", f"-var-file={self._variables}", f"-out={plan}", "-parallelism=20")
        shown = self._terraform.run("show", "-json", str(plan))
        self.seconds["plan"] = time.monotonic() - begun
        changes = json.loads(shown[: shown.rindex("}") + 1])["resource_changes"]
        return sorted(one["address"] for one in changes if one["change"]["actions"] not in (["no-op"], ["read"]))

    def destroy(self) -> None:
        """Nothing of the environment is left. Raises TerraformFailed."""
        arguments = ("destroy", "-auto-approve", "-input=false", f"-var-file={self._variables}", "-parallelism=20")
        self._timed("destroy", lambda: self._terraform.run(*arguments))

    def outputs(self) -> dict[str, Any]:
        """What `terraform output` says."""
        return self._terraform.outputs()

    def client(self, service: Any) -> Any:
        """A boto3 client of this account."""
        return boto3.client(
            service,
            endpoint_url=self._aws["AWS_ENDPOINT_URL"],
            region_name=REGION,
            aws_access_key_id="nobody",
            aws_secret_access_key="nobody",
        )

    def tagged(self) -> list[str]:
        """ARNs of what the account has of the environment, as far as the emulation knows it by its tags."""
        pages = self.client("resourcegroupstaggingapi").get_paginator("get_resources")
        wanted = [{"Key": "Environment", "Values": ["dev"]}]
        return sorted(
            one["ResourceARN"] for page in pages.paginate(TagFilters=wanted) for one in page["ResourceTagMappingList"]
        )

    def secrets(self, arns: Mapping[str, str]) -> dict[str, str]:
        """The values, read as ECS would for a task."""
        reader = self.client("secretsmanager")
        return {name: reader.get_secret_value(SecretId=arn)["SecretString"] for name, arn in arns.items()}

    def _bootstrap(self) -> None:
        mirror = provider_mirror()
        done = subprocess.run(
            [str(TERRAFORM / "bootstrap" / "up.sh"), "dev", ACCOUNT, REGION, "acme/saas"],
            env={
                "PATH": os.environ["PATH"],
                "HOME": os.environ.get("HOME", "/"),
                **self._aws,
                "TF_DATA_DIR": str(self._data / "bootstrap"),
                "TF_CLI_CONFIG_FILE": os.devnull,
                "CHECKPOINT_DISABLE": "1",
                "TF_VAR_emulated": "true",
                "TF_INIT_ARGUMENTS": f"-plugin-dir={mirror}" if mirror else "",
                "TF_BACKEND_ARGUMENTS": " ".join(_EMULATED_BACKEND),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]

    def _apply(self) -> None:
        self._terraform.init(
            f"-backend-config=bucket=openclaw-dev-terraform-state-{ACCOUNT}",
            f"-backend-config=region={REGION}",
            *_EMULATED_BACKEND,
        )
        self._terraform.run(
            "apply", "-auto-approve", "-input=false", f"-var-file={self._variables}", "-parallelism=20", timeout=600
        )

    def _platform(self) -> Platform:
        outputs = self.outputs()
        told = outputs["environment"]
        url = told["TASK_EVENTS_QUEUE_URL"]
        return Platform(
            cluster=told["ECS_CLUSTER"],
            subnets=tuple(told["ECS_SUBNETS"].split(",")),
            security_groups=tuple(told["ECS_SECURITY_GROUPS"].split(",")),
            bucket=told["AGENT_BUCKET"],
            queue_url=url,
            dead_letter_url=f"{url}-dead",
            tenant_policy_arn=told["TENANT_POLICY_ARN"],
            boundary_arn=told["TENANT_BOUNDARY_ARN"],
        )

    def _zone(self) -> str:
        made = self.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="once")
        return str(made["HostedZone"]["Id"]).rsplit("/", 1)[-1]

    def _write(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        self._variables.write_text(json.dumps(self._given))

    def _timed(self, name: str, do: Any) -> None:
        begun = time.monotonic()
        do()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - begun
