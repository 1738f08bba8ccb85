"""Settings on a developer's machine: the environment file that the running embedded world wrote.

`manage.py devstack` and `manage.py demo` write `.devstack/env`; a command typed in another terminal reads it here.
Variables that are already set win, so one value can be tried without editing a file.
"""

import os
from pathlib import Path

import environ

_state_dir = Path(os.environ.get("DEVSTACK_DIR", Path(__file__).resolve().parent.parent.parent / ".devstack"))
environ.Env.read_env(_state_dir / "env", overwrite=False)

from openclaw_site.settings.base import *  # noqa: E402, F403
