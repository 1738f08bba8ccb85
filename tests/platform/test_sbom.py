"""The bills of materials: made without a network, and naming what the images are made of."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from openclaw_site.devstack import node
from tests.platform.tools import needs_tool

ROOT = Path(__file__).resolve().parents[2]


def components(path: Path) -> set[str]:
    document: dict[str, Any] = json.loads(path.read_text())
    assert document["bomFormat"] == "CycloneDX"
    return {f"{one['name']}=={one['version']}".lower() for one in document["components"]}


def pinned(image: str) -> set[str]:
    text = (ROOT / "requirements" / f"{image}.txt").read_text()
    return {f"{name}=={version}" for name, version in re.findall(r"^([a-z0-9-]+)==([\w.]+)", text, re.MULTILINE)}


@needs_tool("cyclonedx-py")
def test_bills_name_what_the_images_are_made_of(tmp_path: Path) -> None:
    # The npm of the Node that the embedded world uses.
    program = Path(node.node()).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [ROOT / ".github" / "scripts" / "sbom.sh", tmp_path],
        env={**os.environ, "NPM": f"{node.node()} {program}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for image in ("backoffice", "agent"):
        assert pinned(image) - components(tmp_path / f"{image}.cdx.json") == set()
    assert any(one.startswith("openclaw==") for one in components(tmp_path / "engine.cdx.json"))
