"""What the system knows of running processes. The only importer of psutil, which has no types."""

import contextlib
import importlib
import os
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


def rss_mib_by_group(groups: set[int]) -> dict[int, float]:
    """Memory in MiB of each of these process groups; what members share is counted in the leader's part."""
    totals = dict.fromkeys(groups, 0.0)
    if not groups:
        return totals
    for pid in _psutil.pids():
        with contextlib.suppress(ProcessLookupError, _psutil.NoSuchProcess, _psutil.AccessDenied):
            group = os.getpgid(pid)
            if group in totals:
                memory = _psutil.Process(pid).memory_info()
                shared = 0 if pid == group else getattr(memory, "shared", 0)
                totals[group] += (memory.rss - shared) / 2**20
    return totals
