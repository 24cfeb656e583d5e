"""CPU time of a server, read from outside as the kernel counts it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_TICK: Final = 1 / os.sysconf("SC_CLK_TCK")
_PROCESSES: Final = Path("/proc")


def processor_seconds(pid: int) -> float:
    """User and system time of a process and all its descendants, the ended ones included (proc(5), /proc/pid/stat)."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for entry in _PROCESSES.iterdir():
        if entry.name.isdecimal():
            try:
                content = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # The second field is the program's name in parentheses, which may hold blanks.
            fields = content.rpartition(")")[2].split()
            ticks[int(entry.name)] = sum(int(value) for value in fields[11:15])
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    total = 0
    family = [pid]
    while family:
        member = family.pop()
        total += ticks.get(member, 0)
        family += children.get(member, [])
    return total * _TICK
