#!/usr/bin/env python3
"""Keeps one comment on a pull request that shows Terraform's plan: made the first time, brought up to date afterwards.

GitHub takes 65,536 characters; a longer plan is cut in the middle, and the whole stands in the run's artifacts. Reads
GITHUB_TOKEN, GITHUB_API_URL and GITHUB_REPOSITORY, as GitHub sets them.

    plan_comment.py --pull-request 12 --environment production --plan plan.txt --run-url https://…
"""

import argparse
import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

LIMIT = 65_536
# Room for the words around the plan.
PLAN_LIMIT = 60_000
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SUMMARY = re.compile(r"^(Plan: .*|No changes\..*|Error: .*)$", re.MULTILINE)


def mark(environment: str) -> str:
    """What the comment is found by."""
    return f"<!-- terraform-plan:{environment} -->"


def body(environment: str, plan: str, run_url: str) -> str:
    """The comment, under GitHub's limit. A plan can't end the block that it stands in."""
    text = _COLOURS.sub("", plan).replace("```", "`\u200b``").strip()
    found = _SUMMARY.findall(text)
    summary = found[-1] if found else "Terraform said neither what changes nor what failed."
    note = ""
    if len(text.encode()) > PLAN_LIMIT:
        text = _cut(text)
        note = "\n\nCut in the middle; the whole plan is an artifact of the run."
    return (
        f"{mark(environment)}\n### Terraform, {environment}\n\n**{summary}**\n\n<details><summary>Plan</summary>\n\n"
        f"```\n{text}\n```\n\n</details>{note}\n\n[The run]({run_url})\n"
    )


def _cut(text: str) -> str:
    """Its beginning and its end, in whole lines; GitHub counts characters, bytes are the safe side."""
    half = PLAN_LIMIT // 2
    start = text.encode()[:half].decode(errors="ignore").rpartition("\n")[0]
    end = text.encode()[-half:].decode(errors="ignore").partition("\n")[2]
    left_out = text.count("\n") - start.count("\n") - end.count("\n") - 1
    return f"{start}\n\n… {left_out} lines are left out …\n\n{end}"


class GitHub:
    """The calls of GitHub's API that this needs."""

    def __init__(self, api: str, repository: str, token: str) -> None:
        self._base = f"{api}/repos/{repository}"
        self._token = token

    def comment(self, pull_request: int, environment: str, text: str) -> str:
        """The pull request has exactly this comment for the environment; `made` or `changed`."""
        for page in range(1, 50):
            found = self._call("GET", f"/issues/{pull_request}/comments?per_page=100&page={page}")
            for one in found:
                if one["body"].startswith(mark(environment)) and one["user"]["type"] == "Bot":
                    self._call("PATCH", f"/issues/comments/{one['id']}", {"body": text})
                    return "changed"
            if len(found) < 100:
                break
        self._call("POST", f"/issues/{pull_request}/comments", {"body": text})
        return "made"

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 GitHub's own address
            self._base + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={
                "Authorization": f"Bearer {self._token}",
                "Accept": "application/vnd.github+json",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")


def main(arguments: list[str]) -> int:
    """The command line; its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pull-request", type=int, required=True)
    parser.add_argument("--environment", required=True)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--run-url", required=True)
    given = parser.parse_args(arguments)
    github = GitHub(os.environ["GITHUB_API_URL"], os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_TOKEN"])
    text = body(given.environment, given.plan.read_text(), given.run_url)
    try:
        done = github.comment(given.pull_request, given.environment, text)
    except urllib.error.HTTPError as error:
        print(f"GitHub answered {error.code} to the comment.", file=sys.stderr)
        return 1
    print(f"The comment was {done}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
