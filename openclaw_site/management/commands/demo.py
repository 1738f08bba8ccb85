"""`manage.py demo`: the whole product on embedded parts, for a person to try or, with --once, as its own proof."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser

from openclaw_site.demo.browser import Browser, FormMissing
from openclaw_site.demo.once import Report, run_once
from openclaw_site.demo.stack import STAFF_EMAIL, Stack
from openclaw_site.demo.walk import DEMO_CUSTOMERS, WalkFailed, admin_url, portal_address, sign_in, sign_up_url
from openclaw_site.devstack.errors import DevstackError
from openclaw_site.devstack.ports import DEFAULT_WEB_PORT, Ports
from openclaw_site.settings.base import BASE_DIR


class Command(BaseCommand):
    """Starts the stack and either stays or runs the main job once."""

    help = (
        "Start PostgreSQL, Redis, AWS and Google as embedded parts, and web, worker, provisioner and beat on them. "
        "Stays until Ctrl-C; with --once it onboards two customers by itself and exits 0 only if everything holds."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="Run the main job unattended and check it from outside."
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="With --once: write the report here.")
        parser.add_argument("--port", type=int, help="The web server's port (8000; with --once any free one).")
        parser.add_argument("--state-dir", type=Path, help="Where logs and data live (.devstack).")

    def handle(self, *args: Any, **options: Any) -> None:
        once = bool(options["once"])
        if options["json"] and not once:
            raise CommandError("--json goes with --once.", returncode=2)
        signal.signal(signal.SIGTERM, _interrupt)
        state_dir = options["state_dir"] or BASE_DIR / ".devstack" / ("once" if once else "")
        begun = time.monotonic()
        try:
            web = options["port"] or (None if once else DEFAULT_WEB_PORT)
            with Stack(state_dir, Ports.free(web=web), self._say) as stack:
                self._say(f"Ready after {time.monotonic() - begun:.1f} s.")
                if once:
                    self._prove(stack, options["json"])
                else:
                    with Browser() as browser:  # Sets up an authenticator for whoever has no phone at hand.
                        sign_in(browser, stack)
                    self._stay(stack)
        except KeyboardInterrupt:
            self._say("Stopped; no process is left.")
        except (DevstackError, WalkFailed, FormMissing, httpx.HTTPError) as error:
            raise CommandError(f"{error}\nLogs: {state_dir}/logs") from error

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _stay(self, stack: Stack) -> None:
        mailboxes = "\n".join(f"    {one.name:20} {one.email:36} {one.subdomain}" for one in DEMO_CUSTOMERS)
        first = DEMO_CUSTOMERS[0]
        state_dir = stack.world.state_dir
        self._say(
            f"\n  Sign up   {sign_up_url(stack)}   as a customer does; its mail is a file in {state_dir / 'mail'}\n"
            f"  Admin     {admin_url(stack)}/\n"
            f"  Sign in   {STAFF_EMAIL}   password  {stack.staff_password}\n"
            f"  Code      one of these, each once:  {'  '.join(stack.recovery_codes[:5])}\n"
            f"                                      {'  '.join(stack.recovery_codes[5:])}\n"
            f"            or an authenticator app's, for the secret  {stack.phone.secret if stack.phone else ''}\n\n"
            "  1. Customers, “Onboard customer”. These mailboxes exist at the embedded Google (subdomain at the end):\n"
            f"{mailboxes}\n"
            "  2. On the customer's page press “Connect Gmail”, tick “Put Writer's approved drafts into Gmail”, and\n"
            "     consent as that mailbox.\n"
            "  3. Watch the steps; the customer is active when its three agents have proved themselves.\n"
            f"  4. On the same page, under Members, add {first.email} or anybody else.\n"
            f"     The mail to them is a file in {state_dir / 'mail'}: open its link and set a password.\n"
            f"  5. Read as the customer at {portal_address(stack, first)}/: leads and drafts come within\n"
            "     two minutes. Approve a draft.\n\n"
            "  Commands in another terminal: .venv/bin/python manage.py customers\n"
            f"  Logs and mail: {state_dir}\n\n"
            "  Ctrl-C stops everything.\n"
        )
        while True:
            if problem := stack.dead():
                raise WalkFailed(problem)
            time.sleep(1)

    def _prove(self, stack: Stack, target: Path | None) -> None:
        report = run_once(stack, self._say)
        if target:
            target.write_text(json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n")
        self._table(report)
        if report.problems:
            raise CommandError("\n".join(report.problems))
        self.stdout.write(self.style.SUCCESS("Everything holds."))

    def _table(self, report: Report) -> None:
        self._say("")
        for customer in report.customers:
            self._say(f"{customer.name}  TenantID {customer.tenant_id}  schema {customer.schema}")
            for step in customer.steps:
                self._say(
                    f"  {step['name']:16} {step['state']:8} {step['seconds'] or 0:6.2f} s  {step['attempts']} tries"
                )
            for task in customer.tasks:
                self._say(f"  {task['role']:16} {task['status']:8} exit {task['exit_code']}  {task['arn']}")
            rows = "  ".join(f"{table} {count}" for table, count in customer.rows.items())
            seen = sum(customer.rows_in_other_context.values())
            refused = "refused" if customer.other_role_refused else "NOT refused"
            for lead in customer.leads:
                self._say(f"  lead  {lead['score']:3}  {lead['name']} <{lead['email']}>: {lead['intent'][:70]}")
            for draft in customer.drafts:
                self._say(f"  draft      to {draft['recipient']}: {draft['subject'][:60]}")
            engine = customer.engine
            self._say(
                f"  engine {engine['version']}: {engine['turns']} turns, slowest {engine['slowest_seconds']:.1f} s, "
                f"{engine['peak_rss_mib']:.0f} MiB at peak"
            )
            self._say(f"  rows: {rows}; seen by the other customer: {seen}; its login is {refused}")
        changed = report.changed_mail
        self._say(f"A changed mail: “{changed.before['intent']}” became “{changed.after['intent']}”")
        self._say(
            f"{report.seconds_to_active:.1f} s to active, {report.peak_rss_mib:.0f} MiB at peak "
            f"({report.peak_pss_mib:.0f} MiB with shared pages counted once)\n"
        )


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
