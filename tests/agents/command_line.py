"""An operator at the command line."""

import io
import json
from dataclasses import dataclass
from typing import Any

from django.core.management import CommandError, call_command

from tenants.isolation.context import enter


@dataclass
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*words: str) -> Outcome:
    """The command as an operator types it: no context around it."""
    out, err = io.StringIO(), io.StringIO()
    with enter(None):
        try:
            call_command(*words, stdout=out, stderr=err)
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        except CommandError as error:
            code = error.returncode
            err.write(str(error))
    return Outcome(code, out.getvalue(), err.getvalue())
