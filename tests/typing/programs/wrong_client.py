"""Outgoing requests that do not fit. Each mistake's line names the error that mypy and pyright give for it."""

from __future__ import annotations

from fasterapi.client import FastHTTP, Response, Session

app = FastHTTP(base_url="https://api.example.com", concurrency="3")  # mypy: arg-type, pyright: reportArgumentType


@app.get("/users/{user_id}")
async def get_user(response: Response, user_id: int) -> str:
    return response.text


@app.get("/", colour="red")  # mypy: call-arg, pyright: reportCallIssue+reportUntypedFunctionDecorator
async def unknown_option(response: Response) -> None: ...


@app.get("/", headers=["X-A"])  # mypy: arg-type, pyright: reportArgumentType
async def wrong_headers(response: Response) -> None: ...


wrong_value: int = app.run()[get_user].value  # mypy: assignment, pyright: reportAssignmentType


async def main() -> None:
    text = await app.call(get_user, user_id=1)
    text.bit_length()  # mypy: attr-defined, pyright: reportAttributeAccessIssue+reportUnknownMemberType
    await app.call(get_user)  # mypy: call-overload, pyright: reportCallIssue
    await app.call(get_user, user_id="one")  # mypy: call-overload, pyright: reportCallIssue+reportArgumentType


def synchronous(session: Session) -> None:
    session.get("/", tiemout=1)  # mypy: call-arg, pyright: reportCallIssue
