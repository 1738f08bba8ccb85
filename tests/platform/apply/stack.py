"""The product's processes on the embedded world, told by Terraform's outputs alone. Owns what stands in for AWS."""

import os
from pathlib import Path

import httpx
import psycopg

from openclaw_site.demo.stack import Stack
from openclaw_site.devstack.ports import HOST, Ports
from openclaw_site.devstack.world import World
from tests.engines import quick_engine_command
from tests.platform.apply.environment import ACCOUNT, DOMAIN, REGION, AppliedEnvironment

# Google's OAuth client in the emulated Google; its secret is put by the operator, as docs/deploy.md says.
_OUTSIDE = (
    *("AWS_ENDPOINT_URL", "GOOGLE_AUTHORIZE_URL", "GOOGLE_TOKEN_URL", "GOOGLE_REVOKE_URL", "GOOGLE_USERINFO_URL"),
    "GOOGLE_ISSUER",
)


class AppliedWorld(World):
    """The embedded world with another platform: the one that Terraform made."""

    @property
    def _public_url(self) -> str:
        return f"https://{DOMAIN}"


class AppliedStack(Stack):
    """The product's processes on it, with Terraform's environment."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "world", Ports.free(web=None), lambda line: None)
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
