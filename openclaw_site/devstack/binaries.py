"""Where the programs are that the Python packages of the environment bring along. Imports none of them."""

import importlib.util
from pathlib import Path

from .errors import DevstackError


def packaged(package: str, relative: str) -> Path:
    """Path of a file inside an installed package; DevstackError, with what to do, when it is not there."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        path = Path(folder) / relative
        if path.exists():
            return path
    raise DevstackError(
        f"{relative} of the Python package {package} is missing.",
        "Install the development requirements with `make env`.",
    )
