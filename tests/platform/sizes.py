"""What each layer of the images costs, without Docker: `python -m tests.platform.sizes`.

Compresses what a layer would hold, as a registry stores it (tar, gzip). Packages and Node are those of the environment
that runs this, without the bytecode that pip adds. The base image is not here: its own size comes on top.
"""

import gzip
import re
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from agents.runtime.engine.prune import prune
from openclaw_site.devstack import node
from tests.platform.images import ROOT, Images

_PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[^]]*\])?==")
# What the Dockerfile takes away again: all but Gmail's.
_DESCRIPTIONS = "googleapiclient/discovery_cache/documents"
ENGINE = ROOT / "agents/runtime/engine/node/node_modules"


@dataclass(frozen=True)
class Layer:
    """A layer's size in MB, on disk and as a registry keeps it."""

    name: str
    plain_mb: float
    compressed_mb: float


class _Counter:
    """A file that only counts what is written to it."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        return


def measure(name: str, files: Iterable[Path]) -> Layer:
    """The layer that holds these files."""
    counter, plain = _Counter(), 0
    with (
        gzip.GzipFile(fileobj=counter, mode="wb", compresslevel=6, mtime=0) as packed,  # type: ignore[arg-type]
        tarfile.open(fileobj=packed, mode="w|") as layer,
    ):
        for file in files:
            layer.add(file, arcname=str(file).lstrip("/"), recursive=False)
            plain += file.lstat().st_size
    return Layer(name, plain / 1e6, counter.size / 1e6)


def packages(image: str) -> dict[str, list[Path]]:
    """The files of each package that an image pins. LookupError names one that is not installed here."""
    found: dict[str, list[Path]] = {}
    for line in (ROOT / "requirements" / f"{image}.txt").read_text().splitlines():
        if not _PINNED.match(line):
            continue
        requirement = Requirement(line.rstrip("\\ "))
        if requirement.marker and not requirement.marker.evaluate():
            continue
        try:
            package = distribution(requirement.name)
        except PackageNotFoundError:
            raise LookupError(f"{requirement.name} is not installed here: make install") from None
        paths = (Path(str(package.locate_file(file))) for file in package.files or [])
        found[requirement.name] = [path for path in paths if path.is_file() and _is_kept(path)]
    return found


def _is_kept(path: Path) -> bool:
    if str(path.parent).endswith(_DESCRIPTIONS):
        return path.name == "gmail.v1.json"
    return path.suffix != ".pyc"


def tree(folder: Path) -> Iterator[Path]:
    """Every file below a folder."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_symlink())


def layers(image: str, place: Path) -> list[Layer]:
    """An image's own layers that can be measured here, without its base. `place` is for copies."""
    installed = [path for paths in packages(image).values() for path in paths]
    found = [measure("packages", installed), measure("app", tree(Images(ROOT, place).tree(image) / "app"))]
    if image == "agent":
        found.append(measure("node", [Path(node.node()).resolve()]))
        if ENGINE.is_dir():
            engine = shutil.copytree(ENGINE, place / "node_modules", symlinks=True)
            prune(engine)
            found.append(measure("engine", tree(engine)))
    return found


def largest(image: str, count: int) -> str:
    """The packages that take most room, with MB on disk."""
    sizes = {name: sum(path.stat().st_size for path in paths) / 1e6 for name, paths in packages(image).items()}
    return ", ".join(f"{name} {sizes[name]:.0f}" for name in sorted(sizes, key=lambda name: -sizes[name])[:count])


def main() -> int:
    """Prints each image's layers and the largest packages in it."""
    for image in ("backoffice", "agent"):
        with tempfile.TemporaryDirectory(prefix="openclaw-sizes-") as place:
            found = layers(image, Path(place))
        sys.stdout.write(f"{image}\n")
        for layer in found:
            sys.stdout.write(f"  {layer.name:10} {layer.plain_mb:7.1f} MB, compressed {layer.compressed_mb:6.1f} MB\n")
        total = sum(layer.compressed_mb for layer in found)
        sys.stdout.write(f"  together compressed {total:.1f} MB; largest packages: {largest(image, 6)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
