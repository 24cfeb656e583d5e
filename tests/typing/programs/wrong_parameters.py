"""Markers that do not fit their parameters. Each mistake's line names the error that mypy and pyright give for it."""

from __future__ import annotations

from fasterapi import Faster, Header, Query

app = Faster()


@app.get("/")
async def handler(
    text_for_int: int = Query("ten"),  # mypy: assignment, pyright: reportArgumentType
    none_for_int: int = Query(None),  # mypy: assignment, pyright: reportArgumentType
    wrong_factory: int = Query(default_factory=str),  # mypy: assignment, pyright: reportArgumentType
    misspelt: int = Query(1, gte=3),  # mypy: call-overload, pyright: reportCallIssue
    of_another_marker: str = Query("", convert_underscores=False),  # mypy: call-overload, pyright: reportCallIssue
    wrong_option: str = Header("", min_length="3"),  # mypy: call-overload, pyright: reportCallIssue+reportArgumentType
) -> None: ...


@app.get("/", status_code="200")  # mypy: arg-type, pyright: reportArgumentType
def wrong_status() -> None: ...


@app.get("/")
def returns_int() -> int:
    return 1


text: str = returns_int()  # mypy: assignment, pyright: reportAssignmentType
