"""Arguments that an annotation alone asks for: the request, a response to add to, background tasks."""

from __future__ import annotations

from typing import Any, Final, cast, final

from typing_extensions import override

from fasterapi.background import BackgroundTask, BackgroundTasks
from fasterapi.binding.sources import Source
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.exchange import Exchange
from fasterapi.http.request import Request
from fasterapi.http.responses import Response

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


def special_source(annotation: object) -> Source | None:
    """Where a parameter of this annotation comes from, if the annotation says all."""
    if not isinstance(annotation, type):
        # A class with type arguments, `Request[State]`, stands for the class.
        origin = getattr(annotation, "__origin__", None)
        return special_source(origin) if isinstance(origin, type) else None
    if issubclass(annotation, (Request, HTTPConnection)):
        return RequestSource()
    if issubclass(annotation, Response):
        return ResponseSource()
    if issubclass(annotation, BackgroundTask):
        return BackgroundSource()
    return None
