"""Reads a Dockerfile and a .dockerignore, as far as ours go: stages, instructions, arguments with defaults.

Owns their syntax. What the instructions mean for a tree of files is `images`'.
"""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import PurePosixPath

_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Instruction:
    """`words` are those of the JSON form, or what a shell would split the rest into."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        if self.rest.startswith("["):
            return [str(word) for word in json.loads(self.rest)]
        return shlex.split(self.rest)

    @property
    def pairs(self) -> dict[str, str]:
        """NAME=value, of ENV and ARG; a name without a value has an empty one."""
        return {name: value for name, _, value in (word.partition("=") for word in self.words)}

    @property
    def source(self) -> str | None:
        """The stage that a COPY takes from; None: the context."""
        return next((word.removeprefix("--from=") for word in self.words if word.startswith("--from=")), None)


@dataclass
class Stage:
    """`base` is another stage's name or an image, its arguments filled in."""

    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[Instruction]:
        return [one for one in self.instructions if one.name == name]


def read_dockerfile(text: str) -> tuple[dict[str, str], dict[str, Stage]]:
    """The arguments before the first stage, and the stages by name, in order."""
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    current: Stage | None = None
    for instruction in _instructions(text):
        if instruction.name == "FROM":
            base, _, name = instruction.words if len(instruction.words) == 3 else (instruction.words[0], "", "")
            current = Stage(name, _filled(base, arguments))
            stages[name] = current
        elif current is None:
            arguments |= instruction.pairs
        else:
            current.instructions.append(instruction)
    return arguments, stages


def _filled(text: str, arguments: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: arguments[match[1]], text)


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    parts = [line.strip().split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [Instruction(name.upper(), rest) for name, rest in parts]


class Ignored:
    """Which files of the context a .dockerignore keeps out: the last pattern that fits a path or a folder above it."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        patterns = [line for line in lines if line and not line.startswith("#")]
        self._rules = [(_pattern(line.lstrip("!")), line.startswith("!")) for line in patterns]

    def __contains__(self, path: str) -> bool:
        ways = [path, *(str(parent) for parent in PurePosixPath(path).parents if str(parent) != ".")]
        kept = True
        for pattern, keeps in self._rules:
            if any(pattern.fullmatch(way) for way in ways):
                kept = keeps
        return not kept


def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^]]+\])", glob.strip("/"))
    special = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return re.compile("".join(special.get(part, part if part.startswith("[") else re.escape(part)) for part in parts))
