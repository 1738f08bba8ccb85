"""Runs Terraform as an operator would, with nothing of this machine's own configuration.

Owns finding the program and the AWS provider, and a folder for what an initialised module needs. Without them the tests
that need them are skipped, naming what is missing, since no package registry has either.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
TERRAFORM = ROOT / "terraform"
MODULES = sorted(path for path in (TERRAFORM / "modules").iterdir() if path.is_dir())
ROOTS = [TERRAFORM / "bootstrap", TERRAFORM / "environments" / "dev", TERRAFORM / "environments" / "production"]
_HOST = "registry.terraform.io"


@cache
def provider_mirror() -> Path | None:
    """A folder with an unpacked AWS provider: TF_PLUGIN_DIR, Terraform's own places, or beside installed software."""
    homes = [
        Path(os.environ.get("TF_PLUGIN_DIR", "")),
        Path.home() / ".terraform.d" / "plugins",
        *(base / "terraform" / "plugins" for base in (Path("/usr/share"), Path("/usr/local/share"))),
        *(sorted(Path("/opt").iterdir()) if Path("/opt").is_dir() else []),
    ]
    return next((home for home in homes if str(home) != "." and (home / _HOST / "hashicorp" / "aws").is_dir()), None)


def terraform_missing() -> str | None:
    """What is missing to run Terraform, in words; None when nothing is."""
    if shutil.which("terraform") is None:
        return "terraform is not on PATH"
    if provider_mirror() is None and not os.environ.get("TF_PLUGIN_DOWNLOAD"):
        return "no AWS provider was found (TF_PLUGIN_DIR names its folder; TF_PLUGIN_DOWNLOAD=1 lets it be downloaded)"
    return None


needs_terraform = pytest.mark.skipif(terraform_missing() is not None, reason=terraform_missing() or "")


class TerraformFailed(Exception):
    """Terraform ended with an error; str() is what it wrote."""


@dataclass(frozen=True)
class Terraform:
    """Terraform in one folder. `data` takes what it downloads or links; `environment` leads it to an AWS."""

    folder: Path
    data: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def init(self, *arguments: str) -> None:
        """The folder can be used. Safe to repeat. Without a backend unless arguments configure one."""
        mirror = provider_mirror()
        plugins = [f"-plugin-dir={mirror}"] if mirror else []
        self.run("init", "-input=false", *plugins, *(arguments or ("-backend=false",)))

    def run(self, *arguments: str, check: bool = True, timeout: int = 300) -> str:
        """What it wrote, standard error after standard output. Raises TerraformFailed."""
        done = subprocess.run(
            [
                "terraform",
                arguments[0],
                *(["-no-color"] if arguments[0] not in {"fmt", "console"} else []),
                *arguments[1:],
            ],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        text = done.stdout + done.stderr
        if check and done.returncode != 0:
            raise TerraformFailed(f"terraform {' '.join(arguments)} in {self.folder.name}:\n{text[-6000:]}")
        return text

    def outputs(self) -> dict[str, Any]:
        """Every output's value."""
        text = self.run("output", "-json")
        return {name: output["value"] for name, output in json.loads(text[: text.rindex("}") + 1]).items()}

    def _environment(self) -> dict[str, str]:
        nothing = self.data / "empty.tfrc"
        self.data.mkdir(parents=True, exist_ok=True)
        nothing.touch()
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            **kept,
            "TF_DATA_DIR": str(self.data / "terraform"),
            "TF_CLI_CONFIG_FILE": str(nothing),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            **self.environment,
        }
