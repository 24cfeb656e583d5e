"""A mistake behind a provider that only raises is a mistake still."""

from __future__ import annotations

from typing import NoReturn

from fasterapi import Depends, Faster, Security


def closed() -> NoReturn:
    raise PermissionError


async def closed_later() -> NoReturn:
    raise PermissionError


dependencies = [Depends(closed), Depends(closed_later), Security(closed), Security(closed_later)]
app = Faster(dependencies=dependencies)

number: int = "text"  # mypy: assignment, pyright: reportAssignmentType
