"""The engine's version is pinned once, with everything that it brings along."""

import json

from agents.runtime.engine import VERSION, installed_version
from openclaw_site.devstack.node import ENGINE_FOLDER

LOCK = ENGINE_FOLDER / "package-lock.json"


def test_package_and_lock_file_ask_for_the_pinned_version():
    package = json.loads((ENGINE_FOLDER / "package.json").read_text())
    locked = json.loads(LOCK.read_text())["packages"]
    assert package["dependencies"] == {"openclaw": VERSION}
    assert locked[""]["dependencies"] == package["dependencies"]
    assert locked["node_modules/openclaw"]["version"] == VERSION


def test_every_package_is_held_by_its_content_and_by_no_address():
    locked = json.loads(LOCK.read_text())["packages"]
    # A bundled package lies in the archive of the one that bundles it.
    loose = [name for name, package in locked.items() if name and not package.get("inBundle")]
    assert [name for name in loose if "integrity" not in locked[name]] == []
    assert [name for name, package in locked.items() if "resolved" in package] == []


def test_installed_engine_is_the_pinned_one(real_engine):
    assert installed_version(real_engine) == VERSION
