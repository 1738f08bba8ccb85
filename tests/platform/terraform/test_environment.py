"""What Terraform tells the back office and the agents, against what they read: the two lists are the same."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from agents.runtime.config import ROLES
from openclaw_site.doctor.checks.platform import _AGENT_NAMES
from tests.platform.terraform.cli import ROOT, TERRAFORM

PLATFORM = TERRAFORM / "modules" / "platform"
BACKOFFICE = TERRAFORM / "modules" / "backoffice"
NAME = re.compile(r"^\s+([A-Z][A-Z0-9_]+)\s*=", re.MULTILINE)

# Read, and not told, each with the reason.
LEFT_OUT = {
    "AWS_ENDPOINT_URL": "an emulated AWS only; production refuses it",
    "BEAT_SCHEDULE_FILE": "the image sets it",
    "CONTACT_EMAIL": "whom customers write to differs from company to company; `settings` sets it",
    "CUSTOMER_TIME_ZONE": "where customers are differs from company to company; `settings` sets it",
    "DATABASE_POOLING": "session, the default: nothing pools in front of RDS",
    "DEVSTACK_DIR": "the embedded world only",
    "EMAIL_FILE_PATH": "mail as files only",
    "EMAIL_HOST": "SMTP only; mail goes out by SES",
    "EMAIL_HOST_PASSWORD": "SMTP only; mail goes out by SES",
    "EMAIL_HOST_USER": "SMTP only; mail goes out by SES",
    "EMAIL_PORT": "SMTP only; mail goes out by SES",
    "EMAIL_USE_TLS": "SMTP only; mail goes out by SES",
    "EXPORT_DAYS": "the default; `settings` can set it",
    "EXPORT_LINK_SECONDS": "the default; `settings` can set it",
    "GMAIL_API_ENDPOINT": "an emulated Google only; production refuses it",
    "GMAIL_INTENT_MINUTES": "the default; `settings` can set it",
    "GMAIL_MAIL_LINK_DAYS": "the default; `settings` can set it",
    "GOOGLE_AUTHORIZE_URL": "an emulated Google only; production refuses it",
    "GOOGLE_ISSUER": "an emulated Google only; production refuses it",
    "GOOGLE_REVOKE_URL": "an emulated Google only; production refuses it",
    "GOOGLE_TOKEN_URL": "an emulated Google only; production refuses it",
    "GOOGLE_USERINFO_URL": "an emulated Google only; production refuses it",
    "HOT_LEAD_SCORE": "the default; `settings` can set it",
    "INVITATION_DAYS": "the default; `settings` can set it",
    "INVOICE_DUE_DAYS": "the default; `settings` can set it",
    "INVOICE_SELLER": "who sells differs from company to company; `settings` sets it",
    "INVOICE_TAX_PERCENT": "the default, 0; `settings` can set it",
    "LOG_LEVEL": "the default; `settings` can set it",
    "OTEL_RESOURCE_ATTRIBUTES": "OpenTelemetry's own; the service's name has the environment in it",
    "PASSWORD_RESET_DAYS": "the default; `settings` can set it",
    "PROVISIONING_LEASE_SECONDS": "the default; `settings` can set it",
    "RESERVED_SUBDOMAINS": "none beyond the built-in ones; `settings` can set it",
    "SIGNUP_HOST_RATE": "the default; `settings` can set it",
    "SIGNUP_LINK_HOURS": "the default; `settings` can set it",
    "SIGNUP_RATE": "the default; `settings` can set it",
    "SIGNUP_SUBDOMAIN_RATE": "the default; `settings` can set it",
    "STRIPE_API_URL": "an emulated Stripe only; production refuses it",
    "SUBSCRIPTION_GRACE_DAYS": "the default; `settings` can set it",
    "TRIAL_WARN_DAYS": "the default; `settings` can set it",
}


def told() -> set[str]:
    """Names that Terraform gives to some process of the back office."""
    common = (PLATFORM / "environment.tf").read_text().split("agent_environment")[0]
    secrets = (PLATFORM / "secrets.tf").read_text()
    processes = (BACKOFFICE / "processes.tf").read_text()
    inline = set(re.findall(r"\{ ([A-Z_]+) = ", common + secrets + processes))
    pairs = set(re.findall(r"[{,] ([A-Z][A-Z_]+) = ", processes))
    return set(NAME.findall(common)) | set(NAME.findall(secrets)) | set(NAME.findall(processes)) | inline | pairs


def read() -> set[str]:
    """Names that the back office reads from its environment, wherever it does."""
    return {
        name
        for folder in ("openclaw_site", "tenants", "agents", "billing")
        for path in (ROOT / folder).rglob("*.py")
        if not {"devstack", "demo", "runtime", "node_modules", "migrations"} & set(path.relative_to(ROOT).parts)
        for name in _names(ast.parse(path.read_text()))
    }


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        read: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            is_environment = ast.unparse(node.func.value) in {"env", "os.environ", "environ"}
            if is_environment and node.func.attr not in {"read_env", "setdefault", "pop"}:
                read = node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            read = node.slice
        if isinstance(read, ast.Constant) and isinstance(read.value, str) and read.value.isupper():
            yield read.value


def required() -> set[str]:
    """What production refuses to start without."""
    tree = ast.parse((ROOT / "openclaw_site" / "settings" / "production.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_REQUIRED":
            return set(ast.literal_eval(node.value))
    raise AssertionError("production.py has no _REQUIRED")


# Read by others than our own code: libpq, the image's gunicorn, Django, OpenTelemetry.
READ_ELSEWHERE = {"DJANGO_SETTINGS_MODULE", "PORT", "OTEL_SERVICE_NAME", "DATABASE_ADMIN_URL"}


def test_the_back_office_is_told_everything_that_it_reads() -> None:
    assert read() - told() - set(LEFT_OUT) == set()


def test_the_back_office_is_told_nothing_that_nobody_reads() -> None:
    assert told() - read() - READ_ELSEWHERE == set()


def test_what_is_left_out_is_read_and_not_told() -> None:
    assert set(LEFT_OUT) & told() == set()


def test_production_is_given_all_that_it_refuses_to_start_without() -> None:
    assert required() - told() == set()


def agents_told() -> set[str]:
    text = (PLATFORM / "environment.tf").read_text().split("agent_environment")[1]
    return set(NAME.findall(text))


def test_an_agent_is_told_what_doctor_looks_for() -> None:
    assert set(_AGENT_NAMES) <= agents_told()


def test_an_agent_is_told_what_its_configuration_wants() -> None:
    text = (ROOT / "agents" / "runtime" / "config.py").read_text()
    wanted = set(re.findall(r'reader\.take\("([A-Z_]+)"', text))
    with_run = {
        "TENANT_ID", "CUSTOMER_EMAIL", "AGENT_ROLE", "AGENT_RUN_ID", "AGENT_MODE", "TENANT_SCHEMA", "GMAIL_SECRET_NAME",
        "STORAGE_PREFIX", "DATABASE_USER",
    }  # fmt: skip
    by_default = {"GMAIL_API_ENDPOINT", "LOOP_SECONDS"}
    by_others = {"AWS_REGION", "HEALTH_PORT"}  # Fargate, and the module that makes the definitions.
    assert wanted - with_run - by_default - by_others - agents_told() == set()


def test_the_modules_know_the_products_roles() -> None:
    text = (TERRAFORM / "modules" / "agents" / "tasks.tf").read_text()
    assert tuple(re.search(r'toset\(\["(\w+)", "(\w+)", "(\w+)"\]\)', text).groups()) == ROLES  # type: ignore[union-attr]


def test_the_examples_name_every_variable_without_a_default() -> None:
    for environment in ("dev", "production"):
        folder = TERRAFORM / "environments" / environment
        example = set(re.findall(r"^(\w+)\s*=", (folder / "terraform.tfvars.example").read_text(), re.MULTILINE))
        blocks = re.findall(r'variable "(\w+)" \{(.*?)\n\}\n', (folder / "variables.tf").read_text(), re.DOTALL)
        needed = {name for name, body in blocks if not re.search(r"^  default\s+=", body, re.MULTILINE)}
        assert needed <= example


def test_the_environments_differ_in_sizes_alone() -> None:
    def text(environment: str, name: str) -> str:
        found: Path = TERRAFORM / "environments" / environment / name
        return found.read_text().replace(environment, "ENVIRONMENT")

    for name in ("provider.tf", "outputs.tf", "protection.tf", "versions.tf"):
        assert text("dev", name) == text("production", name)
