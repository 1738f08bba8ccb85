"""`python -m tests.platform.apply.run FOLDER REPORT`: from an empty account to an active customer, and back to nothing.

A process of its own, since moto's state is global to one. Bootstrap and dev are applied; the product's processes get
what `terraform output` says and no other name of AWS's or the database's; a customer is onboarded over HTTP, as through
the load balancer, and closed again; a second plan is looked at; the environment is destroyed in its two steps. What was
seen is written as JSON, for test_apply.py to judge.
"""

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
from botocore.exceptions import ClientError

from openclaw_site.demo.browser import Browser
from openclaw_site.demo.evidence import customer_state
from openclaw_site.demo.stack import Stack
from openclaw_site.demo.walk import DEMO_CUSTOMERS, onboard, sign_in, wait_until
from openclaw_site.devstack.ports import HOST, Ports
from openclaw_site.devstack.world import World
from tests.engines import quick_engine_command
from tests.platform.apply.environment import ACCOUNT, DOMAIN, REGION, AppliedEnvironment

# Google's OAuth client in the emulated Google; its secret is put by the operator, as docs/deploy.md says.
_OUTSIDE = ("AWS_ENDPOINT_URL", "GOOGLE_AUTHORIZE_URL", "GOOGLE_TOKEN_URL", "GOOGLE_REVOKE_URL", "GOOGLE_USERINFO_URL")


class AppliedWorld(World):
    """The embedded world with another platform: the one that Terraform made."""

    @property
    def _public_url(self) -> str:
        return f"https://{DOMAIN}"


class AppliedStack(Stack):
    """The product's processes on it, with Terraform's environment."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "world", Ports.free(), lambda line: None)
        self.world = AppliedWorld(folder / "world", self.world.ports, engine_command=quick_engine_command())
        self.world.postgres.password_logins = ("postgres",)
        self.environment = AppliedEnvironment(
            folder / "terraform",
            url=self.world.aws.url,
            variables={
                "account_id": ACCOUNT,
                "region": REGION,
                "domain_name": DOMAIN,
                "google_client_id": self.world.google.client_id,
                "mail_from": "OpenClaw <no-reply@example.com>",
                "alarm_email": "operators@example.com",
                "emulation": {
                    "database_address": HOST,
                    "database_port": self.world.ports.postgres,
                    "database_parameters": "",
                    "redis_url": self.world.redis.url,
                    "agent_environment": {},
                },
            },
        )
        self.world.aws.make_platform = self.environment.apply

    def _base_environment(self) -> dict[str, str]:
        """What Terraform tells, the secrets as ECS would read them, and where the emulated outside is."""
        outputs = self.environment.outputs()
        arns = outputs["secret_arns"]
        self.environment.client("secretsmanager").put_secret_value(
            SecretId=arns["GOOGLE_CLIENT_SECRET"], SecretString=self.world.google.client_secret
        )
        self._master_user(outputs["environments"]["bootstrap"]["DATABASE_ADMIN_URL"])
        world = self.world.environment()
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        mail = self.world.state_dir / "mail"
        mail.mkdir(parents=True, exist_ok=True)
        return {
            **inherited,
            **outputs["environment"],
            **outputs["owner_environment"],
            **self.environment.secrets(arns),
            "DATABASE_ADMIN_URL": outputs["environments"]["bootstrap"]["DATABASE_ADMIN_URL"],
            # Beside Terraform's: an AWS and a Google that are emulated, and so no production's settings.
            **{name: world[name] for name in _OUTSIDE},
            "GMAIL_API_ENDPOINT": world["GMAIL_API_ENDPOINT"],
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nobody",
            "DJANGO_SETTINGS_MODULE": "openclaw_site.settings.base",
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(mail),
            "METRICS_NAMESPACE": "",
            "PYTHONUNBUFFERED": "1",
            "MALLOC_ARENA_MAX": "2",
        }

    def _master_user(self, url: str) -> None:
        """Makes what RDS makes: the master user. Here it is a superuser, which it is not on RDS."""
        name = httpx.URL(url).username
        with psycopg.connect(self.world.postgres.url(), autocommit=True) as admin:
            admin.execute(f"CREATE ROLE {name} LOGIN SUPERUSER IN ROLE rds_iam")

    def admin_url(self) -> str:
        return f"https://admin.{DOMAIN}"


class LoadBalancer(httpx.HTTPTransport):
    """Takes TLS off, as the load balancer does, and hands the request to web."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.host.endswith(DOMAIN):
            return super().handle_request(request)
        headers = {**request.headers, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.1"}
        url = request.url.copy_with(scheme="http", host=HOST, port=self._port)
        sent = httpx.Request(request.method, url, headers=headers, stream=request.stream, extensions=request.extensions)
        return super().handle_request(sent)


def main(folder: Path, report: Path) -> None:
    """Do it all; what was seen goes into `report`, also when something fails on the way."""
    # RDS's monitoring role takes one of AWS's own policies; moto reads this when it is loaded.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    seen: dict[str, Any] = {}
    begun = time.monotonic()
    stack = AppliedStack(folder)
    try:
        with stack:
            _live(stack, seen)
            _end(stack, seen)
    finally:
        seen["seconds"] = {**stack.environment.seconds, "all": time.monotonic() - begun}
        report.write_text(json.dumps(seen, indent=2))


def _live(stack: AppliedStack, seen: dict[str, Any]) -> None:
    """A customer comes, its agents prove themselves, and it goes again."""
    outputs = stack.environment.outputs()
    seen["outputs"] = sorted(outputs)
    seen["told"] = {name: value for name, value in outputs["environment"].items() if "URL" not in name}
    with Browser() as browser:
        browser._client = httpx.Client(transport=LoadBalancer(stack.world.ports.web), follow_redirects=True, timeout=30)
        sign_in(browser, stack)
        begun = time.monotonic()
        customer = onboard(browser, stack, DEMO_CUSTOMERS[0])
        wait_until(stack, lambda: customer_state(stack.world, customer.id) == "active", "for it to be active", 120)
        seen["seconds_to_active"] = time.monotonic() - begun
    role = f"t_{customer.id.hex}"
    iam = stack.environment.client("iam")
    seen["role"] = {
        "arn": iam.get_role(RoleName=role)["Role"]["Arn"],
        "boundary": iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"],
        "policies": [p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]],
    }
    seen["doctor"] = _manage(stack, "doctor", "--process", "operator")
    seen["closed"] = _manage(stack, "close_customer", str(customer.id), "--yes")
    wait_until(stack, lambda: customer_state(stack.world, customer.id) == "closed", "for it to be closed", 90)


def _end(stack: AppliedStack, seen: dict[str, Any]) -> None:
    """A second plan, what refuses to be destroyed, and the destruction in its two steps."""
    environment = stack.environment
    seen["second_plan"] = environment.plan()
    seen["refused"] = _refusals(environment)
    environment.change(protect_data=False)
    environment.destroy()
    seen["left"] = _left(environment)


def _refusals(environment: AppliedEnvironment) -> dict[str, str]:
    """What AWS answers to who deletes a data store at once."""
    answers = {"database": "", "bucket": ""}
    bucket = environment.outputs()["environment"]["AGENT_BUCKET"]
    environment.client("s3").put_object(Bucket=bucket, Key="kept/x", Body=b"kept")
    with suppress(ClientError):
        try:
            environment.client("rds").delete_db_instance(DBInstanceIdentifier="openclaw-dev", SkipFinalSnapshot=True)
        except ClientError as error:
            answers["database"] = error.response["Error"]["Code"]
    try:
        environment.client("s3").delete_bucket(Bucket=bucket)
    except ClientError as error:
        answers["bucket"] = error.response["Error"]["Code"]
    return answers


def _left(environment: AppliedEnvironment) -> dict[str, list[str]]:
    """What the account still has of the environment."""
    client = environment.client
    return {
        "clusters": [
            one["clusterName"]
            for one in client("ecs").describe_clusters(clusters=client("ecs").list_clusters()["clusterArns"])[
                "clusters"
            ]
            if one["status"] == "ACTIVE"
        ],
        "databases": [db["DBInstanceIdentifier"] for db in client("rds").describe_db_instances()["DBInstances"]],
        "buckets": [b["Name"] for b in client("s3").list_buckets()["Buckets"] if "state" not in b["Name"]],
        "queues": client("sqs").list_queues().get("QueueUrls", []),
        "secrets": [s["Name"] for s in client("secretsmanager").list_secrets()["SecretList"] if "rds" not in s["Name"]],
        "roles": [r["RoleName"] for r in client("iam").list_roles(PathPrefix="/openclaw/")["Roles"]],
        "policies": [p["PolicyName"] for p in client("iam").list_policies(PathPrefix="/openclaw/")["Policies"]],
        "load_balancers": [lb["LoadBalancerName"] for lb in client("elbv2").describe_load_balancers()["LoadBalancers"]],
        "log_groups": [
            g["logGroupName"]
            for g in client("logs").describe_log_groups()["logGroups"]
            if "openclaw" in g["logGroupName"]
        ],
        "repositories": [r["repositoryName"] for r in client("ecr").describe_repositories()["repositories"]],
    }


def _manage(stack: AppliedStack, *arguments: str) -> dict[str, Any]:
    import subprocess

    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=stack._environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return {"code": done.returncode, "output": (done.stdout + done.stderr)[-4000:]}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
