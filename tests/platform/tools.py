"""The platform's linters, which have an environment of their own (`make platform-env`)."""

import os
from pathlib import Path

import pytest

_FOLDER = Path(__file__).resolve().parents[2] / ".venv-platform" / "bin"


def tool(name: str) -> str:
    """The program's path. Fails the test when it is missing."""
    path = _FOLDER / name
    assert path.exists(), f"{name} is not installed: make platform-env"
    return str(path)


def needs_tool(name: str) -> pytest.MarkDecorator:
    """Skips where the linters are not installed, naming which; with CI set the test runs, and fails."""
    missing = not (_FOLDER / name).exists() and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"{name} is not installed: make platform-env")
