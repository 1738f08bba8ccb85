"""Which engine the agents run: the one place that names its version.

To raise it: change VERSION here and the dependency in node/package.json, make the lock file anew in that folder
(`npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved`), run tests/runtime/engine and
read the engine's changelog for its configuration's schema and for new tools, which `config` has to shut out. The
tests hold the three files against each other and the tools that the real engine offers against our list.
"""

from typing import Final

VERSION: Final = "2026.9.6"
