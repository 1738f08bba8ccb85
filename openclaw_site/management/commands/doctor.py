"""`manage.py doctor`: what is wrong with this deployment, and what to do."""

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from openclaw_site.aws.errors import AwsError
from openclaw_site.doctor import Examined, Level, examine, names
from openclaw_site.doctor.checks.limits import cost_tag_activate
from openclaw_site.doctor.permissions import PROCESSES

# libpq's own variable: without it a security group that drops packets holds each check for minutes.
_CONNECT_SECONDS = "5"
_SIGNS = {Level.OK: "ok", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM", Level.SKIPPED: "skipped"}


class Command(BaseCommand):
    """Thin edge of openclaw_site.doctor."""

    help = (
        "Look at the configuration as deployed and say what is wrong and what to do. Changes nothing. Exit codes: 0 "
        "nothing is wrong (warnings at most), 1 there is a problem, 2 the command line is wrong."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--process",
            choices=PROCESSES,
            default=os.environ.get("PROCESS") or None,
            help="Look at what this process needs; PROCESS unless given.",
        )
        parser.add_argument("--only", action="append", choices=names(), default=[], help="Only this; may be repeated.")
        parser.add_argument("--start", action="store_true", help="Only what makes a start pointless.")
        parser.add_argument("--json", action="store_true", help="A list of checks with their findings.")
        parser.add_argument(
            "--activate-cost-tag", action="store_true", help="Let AWS split costs by TenantID, and do nothing else."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["activate_cost_tag"]:
            self._activate()
            return
        os.environ.setdefault("PGCONNECT_TIMEOUT", _CONNECT_SECONDS)
        seen = examine(process=options["process"] or "", only=options["only"], at_start=options["start"])
        done: list[Examined] = []
        for examined in seen:
            done.append(examined)
            if not options["json"]:
                self._write(examined)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(examined) for examined in done], indent=2))
        else:
            self._write_end(done)
        if any(finding.level == Level.PROBLEM for examined in done for finding in examined.findings):
            sys.exit(1)

    def _write(self, examined: Examined) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(examined.title))
        styles = {Level.PROBLEM: self.style.ERROR, Level.WARNING: self.style.WARNING, Level.OK: self.style.SUCCESS}
        for finding in examined.findings:
            sign = styles.get(finding.level, str)(f"{_SIGNS[finding.level]:>8}")
            self.stdout.write(f"{sign}  {finding.what}")
            if finding.next_action:
                self.stdout.write(f"          → {finding.next_action}")

    def _write_end(self, done: list[Examined]) -> None:
        levels = [finding.level for examined in done for finding in examined.findings]
        problems, warnings = levels.count(Level.PROBLEM), levels.count(Level.WARNING)
        self.stdout.write(f"\n{problems} problems, {warnings} warnings.")

    def _activate(self) -> None:
        try:
            finding = cost_tag_activate()
        except AwsError as error:
            raise CommandError(f"{error}\n{error.next_action}") from error
        if finding.level == Level.PROBLEM:
            raise CommandError(f"{finding.what}\n{finding.next_action}")
        self.stdout.write(finding.what)
