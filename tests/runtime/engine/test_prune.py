"""An image's engine is a third of the installed one, and works."""

import os
import shlex
import shutil

import pytest

from agents.runtime.engine import Limits, installed_version
from agents.runtime.engine.prune import main, prune
from agents.runtime.engine.version import VERSION
from openclaw_site.devstack import node
from tests.runtime.engine.conftest import settings_for, turn
from tests.runtime.engine.outside import TinyModel, TinyTools


def link(source, target):
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy(source, target)


def size_mb(folder):
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


@pytest.fixture
def pruned(ground):
    """A pruned copy of the installed engine, in a folder that other users may enter."""
    node.ensure_engine_installed()
    folder = ground / "node_modules"
    left_out = shutil.ignore_patterns(".compile-cache*")
    shutil.copytree(node.ENGINE_FOLDER / "node_modules", folder, copy_function=link, symlinks=True, ignore=left_out)
    assert prune(folder) > 350e6
    yield folder
    shutil.rmtree(folder)


def test_pruned_engine_calls_a_tool_reads_its_skill_and_answers(pruned):
    assert size_mb(pruned) < 200
    engine = settings_for(shlex.join([str(node.node()), str(pruned / "openclaw" / "openclaw.mjs")]))
    assert installed_version(engine) == VERSION
    model = TinyModel(
        ("backoffice__list_messages", {"limit": 5}),
        ("read", {"path": "skills/inbox-report/SKILL.md"}),
        last_words="1 classified",
    )
    tools = TinyTools()
    try:
        envelope = turn(engine, bridge_url=model.url, mcp_url=f"{tools.url}/mcp", limits=Limits(timeout_seconds=90))
    finally:
        model.stop()
        tools.stop()
    assert envelope.final == "1 classified"
    listed, skill = model.results
    assert listed["content"] == "Two messages."
    assert "# Inbox report" in skill["content"]
    # Licences go with what they are for.
    assert (pruned / "openclaw" / "LICENSE").is_file()
    assert (pruned / "openclaw" / "THIRD_PARTY_NOTICES.md").is_file()


def test_a_folder_without_an_engine_is_left_alone(tmp_path, capsys):
    (tmp_path / "notes.md").write_text("mine")
    assert main([str(tmp_path)]) == 1
    assert "no engine" in capsys.readouterr().err
    assert (tmp_path / "notes.md").exists()
