"""Arguments that an annotation alone asks for: the request or the WebSocket, a response to add to, background tasks."""

from __future__ import annotations

import types
import typing
from typing import Any, Final, cast, final, get_args, get_origin

from typing_extensions import override

from fasterapi.background import BackgroundTask, BackgroundTasks
from fasterapi.binding.markers import MISSING
from fasterapi.binding.sources import MadeSource, Source
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.exchange import Exchange
from fasterapi.http.request import Request
from fasterapi.http.responses import Response
from fasterapi.websocket import WebSocket

UNSAID: Final = 0
"""The status of a drafted response for which the handler set none."""


@final
class Drafts:
    """What a handler and its providers prepare for the answer, beside the result."""

    def __init__(self) -> None:
        self.response: Response | None = None
        self.background: BackgroundTasks | None = None


@final
class RequestSource(Source):
    """The request: the same object for all that ask for it."""

    @override
    def value(self, exchange: Exchange) -> object:
        request = exchange.handler_request
        if request is None:
            made: Request[Any] = Request(exchange)
            exchange.handler_request = made
            exchange.has_afterwork = True
            return made
        return request


@final
class ResponseSource(Source):
    """A response whose status, headers and cookies go into the answer."""

    @override
    def value(self, exchange: Exchange) -> object:
        drafts = drafts_of(exchange)
        response = drafts.response
        if response is None:
            response = Response(status_code=UNSAID)
            drafts.response = response
        return response


@final
class BackgroundSource(Source):
    """The tasks to run after the answer."""

    @override
    def value(self, exchange: Exchange) -> object:
        drafts = drafts_of(exchange)
        background = drafts.background
        if background is None:
            background = BackgroundTasks()
            drafts.background = background
            exchange.has_afterwork = True
        return background


def drafts_of(exchange: Exchange) -> Drafts:
    """The drafts of a request, made at the first need."""
    drafts = exchange.drafts
    if drafts is None:
        made = Drafts()
        exchange.drafts = made
        return made
    return cast(Drafts, drafts)


def special_source(annotation: object, default: object = MISSING, *, of_websocket: bool = False) -> Source | None:
    """Where a parameter of this annotation comes from, if the annotation says all.

    A provider of requests and WebSockets may ask for both, with a default: what there is none of is the default. Without
    one it is refused with a `TypeError`.
    """
    asked = _class_of(annotation)
    if asked is None:
        return None
    if issubclass(asked, Request):
        return _absent(default, "a WebSocket has no Request. Write WebSocket") if of_websocket else RequestSource()
    if issubclass(asked, WebSocket):
        return RequestSource() if of_websocket else _absent(default, "a request has no WebSocket. Write Request")
    if issubclass(asked, HTTPConnection):
        return RequestSource()
    if issubclass(asked, Response):
        return ResponseSource()
    if issubclass(asked, BackgroundTask):
        return BackgroundSource()
    return None


def _absent(default: object, message: str) -> Source:
    if default is MISSING:
        raise TypeError(f"{message}, or HTTPConnection for both, or give the parameter a default.")
    return MadeSource(lambda: default)


def _class_of(annotation: object) -> type | None:
    """The class that is asked for: one with type arguments, `Request[State]`, stands for the class, an optional connection for it."""
    if isinstance(annotation, type):
        return annotation
    origin = get_origin(annotation)
    if origin is typing.Union or origin is types.UnionType:
        members = [_class_of(member) for member in get_args(annotation) if member is not types.NoneType]
        found = members[0] if len(members) == 1 else None
        return found if found is not None and issubclass(found, HTTPConnection) else None
    return origin if isinstance(origin, type) else None
