"""ASGI 3 as types: the scopes, the messages and the three callables of the protocol.

Interpreted, because compiled TypedDict classes lose `NotRequired`. The messages follow the ASGI specification, version 3.0
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, Literal, NotRequired, Protocol, TypeAlias, TypedDict

RawHeaders: TypeAlias = list[tuple[bytes, bytes]]
"""Header pairs as they travel: names in lower case, several pairs of one name allowed."""

State: TypeAlias = dict[str, Any]
"""What a lifespan hands to every request; its values are the application's own."""


class ASGIVersions(TypedDict):
    """The versions that a server speaks."""

    version: str
    spec_version: NotRequired[str]


class HTTPScope(TypedDict):
    """One HTTP request, as a server announces it."""

    type: Literal["http"]
    asgi: ASGIVersions
    http_version: str
    method: str
    scheme: str
    path: str
    raw_path: NotRequired[bytes | None]
    query_string: bytes
    root_path: str
    headers: Iterable[tuple[bytes, bytes]]
    client: tuple[str, int] | None
    server: tuple[str, int | None] | None
    state: NotRequired[State]
    extensions: NotRequired[dict[str, Any]]


class LifespanScope(TypedDict):
    """The life of the application, from before the first request to after the last."""

    type: Literal["lifespan"]
    asgi: ASGIVersions
    state: NotRequired[State]


class HTTPRequestMessage(TypedDict):
    """A piece of a request's body."""

    type: Literal["http.request"]
    body: NotRequired[bytes]
    more_body: NotRequired[bool]


class HTTPDisconnectMessage(TypedDict):
    """The client has gone."""

    type: Literal["http.disconnect"]


class HTTPResponseStartMessage(TypedDict):
    """The status and the headers of a response."""

    type: Literal["http.response.start"]
    status: int
    headers: NotRequired[Iterable[tuple[bytes, bytes]]]
    trailers: NotRequired[bool]


class HTTPResponseBodyMessage(TypedDict):
    """A piece of a response's body."""

    type: Literal["http.response.body"]
    body: NotRequired[bytes]
    more_body: NotRequired[bool]


Scope: TypeAlias = Mapping[str, Any]
"""Any scope. A mapping, because servers and other frameworks declare their own classes for it; it is a `dict` at run time."""


class Receive(Protocol):
    """Gives the next message from the server."""

    def __call__(self) -> Awaitable[Mapping[str, Any]]:
        """Wait for the message."""
        ...


class Send(Protocol):
    """Takes a message for the server; `Any`, because each server declares the messages it takes with classes of its own."""

    def __call__(self, message: Any, /) -> Awaitable[None]:
        """Hand the message over."""
        ...


class ASGIApp(Protocol):
    """An ASGI 3 application; `Any`, because each framework declares the scope it takes with classes of its own."""

    def __call__(self, scope: Any, receive: Any, send: Any, /) -> Awaitable[None]:
        """Answer one connection."""
        ...
