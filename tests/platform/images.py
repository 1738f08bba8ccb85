"""What the images hold and whether they start, without Docker: `python -m tests.platform.images`.

Lays out each target's files as its COPYs would, out of what git tracks and .dockerignore lets through, and starts the
target's commands from there, so that a module or a file that was left out is missed. Packages come from the environment
that runs this; what a RUN installs is not run.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path, PurePosixPath

import yaml

from tests.platform.dockerfile import Ignored, Instruction, Stage, read_dockerfile

ROOT = Path(__file__).resolve().parents[2]
# The tree in which the sources lie; what else a stage copies from another (packages, Node, the engine) was installed.
SOURCES = "/app"


class ImageBroken(Exception):
    """An image could not be built, or would lack something; str() says what."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended that was started from a target's tree."""

    code: int
    output: str


class Images:
    """The targets of the Dockerfile in `root`, laid out one by one below `place`."""

    def __init__(self, root: Path, place: Path) -> None:
        self._root = root
        self._place = place
        self.arguments, self.stages = read_dockerfile((root / "Dockerfile").read_text())
        self._ignored = Ignored((root / ".dockerignore").read_text())
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout
        self._tracked = [name for name in listed.decode().split("\0") if name]

    def context(self) -> list[str]:
        """The files that a build is sent."""
        return [name for name in self._tracked if name not in self._ignored]

    def tree(self, name: str) -> Path:
        """The root folder of a stage, laid out. ImageBroken when a COPY would fail."""
        tree = self._place / name
        if not tree.exists():
            stage = self.stages[name]
            if stage.base in self.stages:
                shutil.copytree(self.tree(stage.base), tree)
            tree.mkdir(parents=True, exist_ok=True)
            for instruction in stage.instructions:
                self._apply(stage, instruction, tree)
        return tree

    def base(self, name: str) -> str:
        """The image that a stage stands on in the end."""
        base = self.stages[name].base
        return self.base(base) if base in self.stages else base

    def environment(self, name: str) -> dict[str, str]:
        """What ENV sets in a target, its bases' included."""
        stage = self.stages[name]
        inherited = self.environment(stage.base) if stage.base in self.stages else {}
        for instruction in stage.all("ENV"):
            inherited |= instruction.pairs
        return inherited

    def folder(self, name: str) -> str:
        """The folder that a stage's instructions work in."""
        stage = self.stages[name]
        named = [instruction.rest for instruction in stage.all("WORKDIR")]
        return named[-1] if named else self.folder(stage.base) if stage.base in self.stages else "/"

    def start(self, name: str, command: list[str], environ: dict[str, str] | None = None) -> Outcome:
        """Runs a command from a target's tree to its end, with the target's environment and `environ`, nothing else."""
        folder = self.tree(name) / SOURCES.strip("/")
        programs = Path(sys.executable).parent
        environment = {name: value for name, value in self.environment(name).items() if name != "PATH"}
        done = subprocess.run(
            command,
            cwd=folder,
            env={
                **environment,
                "PATH": os.pathsep.join([str(programs), os.defpath]),
                "PYTHONPATH": str(folder),
                **(environ or {}),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Outcome(done.returncode, done.stdout + done.stderr)

    def _apply(self, stage: Stage, instruction: Instruction, tree: Path) -> None:
        if instruction.name == "COPY":
            self._copy(stage, instruction, tree)
        elif instruction.name == "RUN" and instruction.words[:2] == ["rm", "-r"]:
            for word in instruction.words[2:]:
                self._remove(tree / self.folder(stage.name).strip("/") / word)

    def _copy(self, stage: Stage, instruction: Instruction, tree: Path) -> None:
        *sources, target = [word for word in instruction.words if not word.startswith("--")]
        into = tree / str(PurePosixPath(self.folder(stage.name)) / target).strip("/")
        is_folder = target.endswith(("/", ".")) or len(sources) > 1
        if instruction.source is None:
            for source in sources:
                self._copy_context(source, into / Path(source).name if is_folder else into)
        elif sources == [SOURCES]:
            shutil.copytree(self.tree(instruction.source) / SOURCES.strip("/"), into, dirs_exist_ok=True)
        elif instruction.source not in self.stages:
            raise ImageBroken(f"COPY --from={instruction.source}: there is no such stage")

    def _copy_context(self, source: str, into: Path) -> None:
        if has_magic(source):
            raise ImageBroken(f"COPY {source}: name the files, or their folder")
        tracked = [name for name in self._tracked if name == source or name.startswith(f"{source}/")]
        if not tracked:
            raise ImageBroken(f"COPY {source}: git tracks no such file")
        sent = [name for name in tracked if name not in self._ignored and (self._root / name).is_file()]
        if not sent:
            raise ImageBroken(f"COPY {source}: .dockerignore keeps it out")
        for name in sent:
            # A folder's content, not the folder, lands at the target.
            file = into if name == source else into / Path(name).relative_to(source)
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._root / name, file)

    @staticmethod
    def _remove(path: Path) -> None:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        else:
            raise ImageBroken(f"RUN rm: {path.name} is not there")


def command_of(stage: Stage) -> list[str]:
    """What a container of this target runs."""
    return stage.all("CMD")[-1].words


def compose(root: Path) -> dict[str, dict[str, object]]:
    """The services of docker-compose.yml."""
    services: dict[str, dict[str, object]] = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]
    return services


# Names that production wants; of no use anywhere.
PRODUCTION = {
    "SECRET_KEY": "check-only",
    "FIELD_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "DATABASE_URL": "postgres://openclaw_app@127.0.0.1:1/openclaw",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "PUBLIC_BASE_URL": "https://www.example.com",
    "ADMIN_BASE_URL": "https://admin.example.com",
    "CUSTOMER_DOMAIN": "example.com",
    "AWS_REGION": "eu-central-1",
    **dict.fromkeys(
        (
            "ECS_CLUSTER",
            "ECS_SUBNETS",
            "ECS_SECURITY_GROUPS",
            "ECS_TASK_DEFINITION_PREFIX",
            "TASK_EVENTS_QUEUE_URL",
            "AGENT_LOG_GROUP",
            "AGENT_BUCKET",
            "TENANT_POLICY_ARN",
            "TENANT_BOUNDARY_ARN",
            "GOOGLE_CLIENT_ID",
            "GOOGLE_CLIENT_SECRET",
        ),
        "check-only",
    ),
}
NO_DJANGO = (
    "import importlib, pkgutil, sys, agents.runtime\n"
    "for found in pkgutil.walk_packages(agents.runtime.__path__, 'agents.runtime.'):\n"
    "    if not found.name.endswith('__main__'): importlib.import_module(found.name)\n"
    "sys.exit(any(name.partition('.')[0] in ('django', 'celery') for name in sys.modules))\n"
)
# The engine is installed before the packages are there.
WITHOUT_PACKAGES = ["-S", "-c", "import agents.runtime.engine.compile_cache, agents.runtime.engine.prune"]


def starts(images: Images) -> dict[str, tuple[Outcome, int]]:
    """Each start by what it shows: how it ended, and the code that it should have."""
    backoffice, agent = images.stages["backoffice"], images.stages["agent"]
    build = {"DJANGO_SETTINGS_MODULE": "openclaw_site.settings.build"}
    results = {
        "static files are collected": (
            images.start("backoffice", ["python", "manage.py", "collectstatic", "--noinput"], build),
            0,
        ),
        "manage.py check": (images.start("backoffice", ["python", "manage.py", "check"], PRODUCTION), 0),
        "web's settings": (
            images.start("backoffice", [*command_of(backoffice), "--check-config"], PRODUCTION | {"PORT": "8000"}),
            0,
        ),
        "celery's app": (images.start("backoffice", ["celery", "-A", "openclaw_site", "report"], PRODUCTION), 0),
        "agent without an environment": (images.start("agent", command_of(agent)), 64),
        "the runtime's modules, without Django": (images.start("agent", ["python", "-c", NO_DJANGO]), 0),
        "installing the engine, without packages": (images.start("engine", ["python", *WITHOUT_PACKAGES]), 0),
    }
    for name, service in compose(ROOT).items():
        command = service.get("command")
        if isinstance(command, list) and command[0] == "celery":
            shown = shlex.join(command)
            results[f"{name}: {shown}"] = (images.start("backoffice", [*command, "--help"], PRODUCTION), 0)
    return results


def main() -> int:
    """Check and report; exit code 1 says that something would not work."""
    with tempfile.TemporaryDirectory(prefix="openclaw-images-") as place:
        failed = False
        try:
            for what, (outcome, wanted) in starts(Images(ROOT, Path(place))).items():
                good = outcome.code == wanted
                failed |= not good
                sys.stdout.write(f"{'ok ' if good else 'BAD'}  {what}\n")
                if not good:
                    sys.stdout.write(f"     ended with {outcome.code}:\n{outcome.output[-2000:]}\n")
        except ImageBroken as error:
            failed = True
            sys.stdout.write(f"BAD  {error}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
