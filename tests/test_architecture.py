"""The house's direction: who may import whom, read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("openclaw_site", "tenants", "agents", "billing")


def modules(folder: str) -> list[Path]:
    return [path for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts]


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, absolute, with its line; imports inside functions too."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            yield name, node.lineno
            yield from ((f"{name}.{alias.name}", node.lineno) for alias in node.names)


def found(folder: str, *forbidden: str, but: tuple[str, ...] = ()) -> list[str]:
    """`file:line imports name` for each import of a forbidden module under `folder`."""
    hits = []
    for path in modules(folder):
        relative = path.relative_to(ROOT).as_posix()
        if relative.startswith(but):
            continue
        for name, line in imports(path):
            if any(name == root or name.startswith(root + ".") for root in forbidden):
                hits.append(f"{relative}:{line} imports {name}")
    return sorted(set(hits))


def test_the_reader_of_imports_sees_them() -> None:
    assert found("tenants", "django") != []
    assert found("agents/runtime", "openclaw_site.aws") != []


def test_aws_imports_no_app_and_no_django() -> None:
    assert found("openclaw_site/aws", "django", "tenants", "agents", "billing") == []


@pytest.mark.parametrize("room", ROOMS)
def test_only_the_aws_package_imports_boto3(room: str) -> None:
    outside = ("openclaw_site/aws/", "openclaw_site/devstack/", "openclaw_site/demo/")
    assert found(room, "boto3", "botocore", but=outside) == []


def test_the_runtime_imports_no_django_and_no_back_office() -> None:
    assert (
        found("agents/runtime", "django", "tenants", "billing", "openclaw_site.settings", "openclaw_site.celery") == []
    )
    back_office = [f"agents.{name}" for name in ("models", "services", "selectors", "tasks", "admin", "workspace")]
    assert found("agents/runtime", *back_office) == []


def test_the_devstack_imports_no_app() -> None:
    assert found("openclaw_site/devstack", "tenants", "agents", "billing") == []


def test_tenants_imports_neither_agents_nor_billing() -> None:
    assert found("tenants", "agents", "billing") == []


def test_agents_does_not_import_billing() -> None:
    assert found("agents", "billing") == []


@pytest.mark.parametrize("room", ROOMS)
def test_product_code_does_not_import_the_devstack(room: str) -> None:
    allowed = ("openclaw_site/devstack/", "openclaw_site/management/commands/", "openclaw_site/demo/")
    assert found(room, "openclaw_site.devstack", but=allowed) == []


@pytest.mark.parametrize("room", ["tenants", "agents", "billing"])
def test_services_and_selectors_know_nothing_of_the_edges(room: str) -> None:
    edges = [f"{app}.{edge}" for app in ("tenants", "agents", "billing") for edge in ("admin", "views", "management")]
    offenders = [hit for hit in found(room, *edges) if "/services" in hit or "/selectors" in hit or "/models" in hit]
    assert offenders == []
