"""Takes from an installed engine what no turn loads: `python -m agents.runtime.engine.prune NODE_MODULES`.

Owns the list. It stands on what a turn was seen to load (4,808 modules of 106 packages) and is held by the tests of the
real engine, which run against a pruned copy. For the image, where every megabyte is paid for at each start; an
installation for developing keeps its maps and types.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from typing import Final

# Nothing of these kinds is loaded; licences are kept whatever they are called.
_KINDS: Final = (".map", ".d.ts", ".d.mts", ".d.cts", ".md", ".mdx", ".markdown", ".tsbuildinfo")
_KEPT: Final = ("licen", "notice", "third", "copying")

# By what a plugin or a tool of the engine would need them for; configuration shuts all of those out.
_PARTS: Final = (
    "openclaw/dist/control-ui",  # its web pages
    "openclaw/dist/worker",  # the engine over again in single files, for other machines
    "openclaw/docs",
    "openclaw/node_modules/chrome-devtools-mcp",  # browsers
    "playwright-core",
    "@trycua",  # the desktop
    "@ubjs",
    "@mistralai",  # other models
    "@google/genai",
    "clawpdf",  # PDF files
    "@koromix/koffi-linux-x64/musl_x64",  # another C library
    "typescript",
)


def prune(node_modules: Path) -> int:
    """Afterwards none of it is there; the bytes that went. Safe to repeat. ValueError when there is no engine."""
    if not (node_modules / "openclaw" / "openclaw.mjs").is_file():
        raise ValueError(f"{node_modules} holds no engine")
    before = _bytes(node_modules)
    for part in _PARTS:
        rmtree(node_modules / part, ignore_errors=True)
    for path in list(_files(node_modules)):
        name = path.name.lower()
        if name.endswith(_KINDS) and not name.startswith(_KEPT):
            path.unlink()
    return before - _bytes(node_modules)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in _files(folder))


def main(arguments: list[str]) -> int:
    """Prune and report; exit code 1 says that there was no engine, 2 that it was called wrongly."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m agents.runtime.engine.prune NODE_MODULES\n")
        return 2
    try:
        gone = prune(Path(arguments[0]))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{gone / 1e6:.0f} MB less\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
