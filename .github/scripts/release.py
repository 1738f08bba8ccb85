#!/usr/bin/env python3
"""Takes a release to an environment, step by step: images, migrations, services, a look at it, and back again.

Owns the order of a release's parts at AWS and what counts as done. What a definition is made of is Terraform's, which
reads the images from where `images` writes them. Every step can be repeated.

    terraform output -json release > release.json
    release.py images backoffice=REPOSITORY@sha256:… agent=… egress=…   (prints what was there before)
    terraform apply                                                      (makes new revisions of the definitions)
    release.py task bootstrap                                            (the first time: the database's roles)
    release.py task operator -- migrate
    release.py roll                                                      (back by itself when it does not come up)
    release.py smoke
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3

POLL_SECONDS = 5.0
TASK_SECONDS = 1_800
ROLL_SECONDS = 900
LOG_LINES = 60


class Failed(Exception):
    """The step did not come to its end; str() says why and what to do."""


class Release:
    """One environment, as Terraform's output `release` describes it."""

    def __init__(self, described: dict[str, Any], poll_seconds: float = POLL_SECONDS) -> None:
        self.described = described
        self.poll_seconds = poll_seconds
        self._session = boto3.Session(region_name=described["region"])
        self._ecs = self._session.client("ecs")

    def images(self, wanted: dict[str, str]) -> dict[str, str]:
        """The environment's images are these, by digest; what they were before. Raises Failed for a tag."""
        parameters = self.described["image_parameters"]
        if unknown := set(wanted) - set(parameters):
            raise Failed(f"There is no image {', '.join(sorted(unknown))}; there are {', '.join(sorted(parameters))}.")
        for image, reference in wanted.items():
            if "@sha256:" not in reference and reference != "none":
                raise Failed(f"{image}: {reference} names no digest. A tag may mean another image tomorrow.")
        ssm = self._session.client("ssm")
        before = {image: ssm.get_parameter(Name=name)["Parameter"]["Value"] for image, name in parameters.items()}
        for image, reference in wanted.items():
            ssm.put_parameter(Name=parameters[image], Value=reference, Type="String", Overwrite=True)
        return before

    def task(self, name: str, command: list[str]) -> int:
        """Run a one-off task to its end; its exit code. `command` are arguments of manage.py, none: its own."""
        overrides = [{"name": name, "command": ["python", "manage.py", *command]}] if command else []
        answer = self._ecs.run_task(
            cluster=self.described["cluster"],
            taskDefinition=self.described["tasks"][name],
            launchType="FARGATE",
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": self.described["subnets"],
                    "securityGroups": self.described["security_groups"],
                    "assignPublicIp": "DISABLED",
                }
            },
            overrides={"containerOverrides": overrides},
        )
        if answer.get("failures") or not answer["tasks"]:
            reasons = ", ".join(failure.get("reason", "?") for failure in answer.get("failures", []))
            raise Failed(f"ECS did not start {name}: {reasons or 'no reason given'}.")
        arn = answer["tasks"][0]["taskArn"]
        print(f"Task {arn.rsplit('/', 1)[-1]} ({name}: {' '.join(command) or 'its own command'}) …", flush=True)
        stopped = self._ended(arn)
        self._print_log(name, arn)
        container = next(one for one in stopped["containers"] if one["name"] == name)
        if "exitCode" not in container:
            reason = container.get("reason") or stopped.get("stoppedReason", "no reason given")
            raise Failed(f"{name} never ran: {reason}")
        return int(container["exitCode"])

    def _ended(self, arn: str) -> dict[str, Any]:
        end = time.monotonic() + TASK_SECONDS
        while time.monotonic() < end:
            found = self._ecs.describe_tasks(cluster=self.described["cluster"], tasks=[arn])["tasks"]
            if found and found[0]["lastStatus"] == "STOPPED":
                return dict(found[0])
            time.sleep(self.poll_seconds)
        raise Failed(f"The task did not end in {TASK_SECONDS} s. It still runs: {arn}")

    def _print_log(self, name: str, arn: str) -> None:
        logs = self._session.client("logs")
        stream = f"{name}/{name}/{arn.rsplit('/', 1)[-1]}"
        try:
            events = logs.get_log_events(
                logGroupName=self.described["log_group"], logStreamName=stream, limit=LOG_LINES, startFromHead=False
            )["events"]
        except logs.exceptions.ResourceNotFoundException:
            print(f"(no log in {stream})")
            return
        for event in events:
            print(f"  {event['message']}")

    def roll(self) -> None:
        """Every service runs its newest revision. When one does not come up all go back; raises Failed then."""
        before = self._services()
        try:
            for wanted in self.described["services"].values():
                self._update(wanted["service"], wanted["task_definition"], wanted["desired_count"], before)
            self._settle()
        except Failed:
            print("Going back to the revisions before.", flush=True)
            for service, was in before.items():
                self._ecs.update_service(
                    cluster=self.described["cluster"],
                    service=service,
                    taskDefinition=was["taskDefinition"],
                    desiredCount=was["desiredCount"],
                )
            raise

    def _services(self) -> dict[str, dict[str, Any]]:
        names = [one["service"] for one in self.described["services"].values()]
        found = self._ecs.describe_services(cluster=self.described["cluster"], services=names)["services"]
        active = {one["serviceName"]: one for one in found if one["status"] == "ACTIVE"}
        if missing := set(names) - set(active):
            raise Failed(f"There is no service {', '.join(sorted(missing))}: run terraform apply.")
        return active

    def _update(self, service: str, definition: str, count: int, before: dict[str, dict[str, Any]]) -> None:
        # Autoscaling's number stays; a service that was never released to has none yet.
        desired = before[service]["desiredCount"] or count
        print(f"{service} → {definition.rsplit('/', 1)[-1]}, {desired} tasks", flush=True)
        self._ecs.update_service(
            cluster=self.described["cluster"], service=service, taskDefinition=definition, desiredCount=desired
        )

    def _settle(self) -> None:
        """Each service has finished its deployment, and none was rolled back by ECS."""
        wanted = {one["service"]: one["task_definition"] for one in self.described["services"].values()}
        end = time.monotonic() + ROLL_SECONDS
        waiting = dict(wanted)
        while time.monotonic() < end:
            for name, service in self._services().items():
                primary = next(one for one in service["deployments"] if one["status"] == "PRIMARY")
                # ECS's circuit breaker puts the service back by itself.
                if primary.get("rolloutState") == "FAILED" or service["taskDefinition"] != wanted[name]:
                    reason = primary.get("rolloutStateReason", "its tasks do not stay")
                    raise Failed(f"{name} does not come up: {reason} (log group {self.described['log_group']})")
                if primary.get("rolloutState", "COMPLETED") == "COMPLETED" and len(service["deployments"]) == 1:
                    waiting.pop(name, None)
            if not waiting:
                return
            time.sleep(self.poll_seconds)
        raise Failed(f"Not up after {ROLL_SECONDS} s: {', '.join(sorted(waiting))}.")

    def smoke(self) -> None:
        """The site answers, and doctor finds no problem. Raises Failed."""
        url = f"{self.described['url']}/healthz"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 Terraform's own address
                status = answer.status
        except (urllib.error.URLError, OSError) as error:
            raise Failed(f"{url} does not answer: {error}") from error
        if status != 200:
            raise Failed(f"{url} answers {status}.")
        print(f"{url} answers.")
        if code := self.task("operator", ["doctor", "--process", "operator"]):
            raise Failed(f"doctor found problems (exit code {code}); see its lines above.")


def main(arguments: list[str]) -> int:
    """The command line; its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", type=Path, default=Path("release.json"), help="Terraform's output `release`.")
    commands = parser.add_subparsers(dest="command", required=True)
    images = commands.add_parser("images", help="name the images by digest")
    images.add_argument("images", nargs="+", metavar="IMAGE=REFERENCE")
    task = commands.add_parser("task", help="run a one-off task")
    task.add_argument("name", choices=["operator", "bootstrap"])
    task.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="arguments of manage.py, after --")
    commands.add_parser("roll", help="move the services to their newest revisions")
    commands.add_parser("smoke", help="look whether it stands")
    given = parser.parse_args(arguments)
    try:
        release = Release(json.loads(given.release.read_text()))
        if given.command == "images":
            print(json.dumps(release.images(dict(one.split("=", 1) for one in given.images))))
        elif given.command == "task":
            return release.task(given.name, given.arguments)
        elif given.command == "roll":
            release.roll()
        else:
            release.smoke()
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
