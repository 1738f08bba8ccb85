"""`python -m openclaw_site.devstack.node` installs the Node programs; exit code 1 says that it could not."""

import sys

from ..errors import DevstackError
from . import ensure_engine_installed, ensure_installed


def main() -> int:
    """Install and report."""
    try:
        ensure_installed()
        ensure_engine_installed()
    except DevstackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


sys.exit(main())
