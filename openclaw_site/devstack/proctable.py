"""What the system knows of running processes. The only importer of psutil, which has no types."""

import contextlib
import importlib
from typing import Any

_psutil: Any = importlib.import_module("psutil")


def born_at(pid: int) -> float | None:
    """When the process with this id began, in seconds since 1970; None if there is none, or only a zombie."""
    try:
        process = _psutil.Process(pid)
        if process.status() == _psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except _psutil.NoSuchProcess:
        return None


def rss_mib(pid: int) -> float:
    """Memory of a process and all its descendants in MiB; 0 if it does not run.

    What descendants share with files or shared memory is left out of their part, so the pages that a
    server's workers share are counted once (in their parent), not once a worker.
    """
    try:
        leader = _psutil.Process(pid)
        family = [leader, *leader.children(recursive=True)]
    except _psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for process in family:
        with contextlib.suppress(_psutil.NoSuchProcess, _psutil.AccessDenied):
            memory = process.memory_info()
            shared = 0 if process is leader else getattr(memory, "shared", 0)
            total += (memory.rss - shared) / 2**20
    return total


def memory_mib(pid: int) -> tuple[float, float]:
    """Memory of a process and all its descendants in MiB, counted twice over; (0, 0) if it does not run.

    First the plain sum of their resident memory, which counts a page once for each process that shares it; then the
    proportional one (PSS), which counts it once in all. Where the system knows no PSS the second is the first.
    """
    try:
        leader = _psutil.Process(pid)
        family = [leader, *leader.children(recursive=True)]
    except _psutil.NoSuchProcess:
        return 0.0, 0.0
    resident = proportional = 0.0
    for process in family:
        with contextlib.suppress(_psutil.NoSuchProcess, _psutil.AccessDenied):
            memory = process.memory_full_info()
            resident += memory.rss / 2**20
            proportional += getattr(memory, "pss", memory.rss) / 2**20
    return resident, proportional


def rss_mib_by_family(leaders: set[int]) -> dict[int, float]:
    """Memory in MiB of each of these processes with its descendants, whatever their groups; counted as by `rss_mib`."""
    totals = dict.fromkeys(leaders, 0.0)
    if not leaders:
        return totals
    parents = {process.pid: process.info["ppid"] for process in _psutil.process_iter(["ppid"])}
    for pid in parents:
        leader = _leader_of(pid, parents, leaders)
        with contextlib.suppress(_psutil.NoSuchProcess, _psutil.AccessDenied):
            if leader is not None:
                memory = _psutil.Process(pid).memory_info()
                shared = 0 if pid == leader else getattr(memory, "shared", 0)
                totals[leader] += (memory.rss - shared) / 2**20
    return totals


def _leader_of(pid: int, parents: dict[int, int], leaders: set[int]) -> int | None:
    seen: set[int] = set()
    while pid not in leaders:
        if pid in seen or pid not in parents:
            return None
        seen.add(pid)
        pid = parents[pid]
    return pid


def descendants(pid: int) -> list[int]:
    """The ids of all processes below this one; empty if it does not run."""
    try:
        return [child.pid for child in _psutil.Process(pid).children(recursive=True)]
    except _psutil.NoSuchProcess:
        return []
