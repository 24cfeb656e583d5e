"""Providers that only raise: what stands behind them is reachable, and checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, assert_type

from fasterapi import Depends, Faster, HTTPException, Security


def closed() -> NoReturn:
    raise HTTPException(503)


async def closed_later() -> NoReturn:
    raise HTTPException(503)


anything: Callable[..., Any] = closed

assert_type(Depends(closed), Any)
assert_type(Depends(closed_later), Any)
assert_type(Security(closed), Any)
assert_type(Security(closed_later, scopes=["items"]), Any)
assert_type(Depends(anything), Any)

app = Faster(dependencies=[Depends(closed), Depends(closed_later)])


@app.get("/")
async def handler(never: None = Depends(closed)) -> int:
    return 1
