"""CPU time of a server, read from outside as the kernel counts it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICK: Final = 1 / os.sysconf("SC_CLK_TCK")
_PROCESSES: Final = Path("/proc")


def family_of(pid: int) -> list[int]:
    """A process and all its living descendants."""
    return _family(pid, _read_all())


def processor_seconds(pid: int) -> float:
    """User and system time of a process and all its descendants, the ended ones included (proc(5), /proc/pid/stat)."""
    processes = _read_all()
    return sum(processes[member].ticks for member in _family(pid, processes)) * _TICK


@dataclass(frozen=True)
class _Process:
    parent: int
    ticks: int


def _read_all() -> dict[int, _Process]:
    processes = {}
    for entry in _PROCESSES.iterdir():
        if entry.name.isdecimal():
            try:
                content = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # The second field is the program's name in parentheses, which may hold blanks.
            fields = content.rpartition(")")[2].split()
            processes[int(entry.name)] = _Process(int(fields[1]), sum(int(value) for value in fields[11:15]))
    return processes


def _family(pid: int, processes: dict[int, _Process]) -> list[int]:
    family = [pid] if pid in processes else []
    for member in family:
        family += [child for child, process in processes.items() if process.parent == member]
    return family
