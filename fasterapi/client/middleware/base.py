"""What middleware is, and how several stand around one request.

Interpreted: users subclass it, and their annotations differ from ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, ClassVar, Final, TypeAlias, TypeVar

from fasterapi.client.request import Request
from fasterapi.client.response import Response
from fasterapi.client.transport import WireResponse

CallNext: TypeAlias = Callable[[Request], Awaitable[Response]]
"""The rest of the way: the middleware further in, and the network."""

M = TypeVar("M", bound="BaseMiddleware")


class BaseMiddleware:
    """Stands around requests; override what you need.

    Those with a lower `__priority__` are further out: they see a request first and its response last.

    Example:
        class Timing(BaseMiddleware):
            async def response(self, response: Response) -> Response:
                print(response.url, response.elapsed)
                return response
    """

    __priority__: ClassVar[int] = 0
    __methods__: ClassVar[Sequence[str] | None] = None
    """The methods that it stands around; all where this is `None`."""
    __enabled__: ClassVar[bool] = True
    __return_type__: ClassVar[type | None] = None

    async def request(self, method: str, url: str, kwargs: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - for those that override it
        """Change how a request is made, once for each: `kwargs` is its `RequestConfig`."""
        return kwargs

    async def around(self, request: Request, call_next: CallNext) -> Response:
        """Stand around the request as a whole: send it, send it again, or answer without it."""
        return await call_next(request)

    async def outgoing(self, request: Request) -> None:
        """Change what is about to be sent; called for each attempt and each redirect."""

    async def incoming(self, request: Request, response: WireResponse) -> None:
        """See the head of what came back; called for each attempt and each redirect."""

    async def response(self, response: Response) -> Response:
        """Change or replace a response."""
        return response

    async def on_error(self, error: Exception, route: Any, config: Any) -> None:
        """See a request fail: `route` is what was declared, `config` how it was made."""

    def __or__(self, other: BaseMiddleware | MiddlewareChain) -> MiddlewareChain:
        return MiddlewareChain([self, *middlewares_of(other)])

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class MiddlewareChain:
    """Several middlewares: `Retry() | Cache()`."""

    def __init__(self, middlewares: Sequence[BaseMiddleware]) -> None:
        self._middlewares = list(middlewares)

    def __or__(self, other: BaseMiddleware | MiddlewareChain) -> MiddlewareChain:
        return MiddlewareChain([*self._middlewares, *middlewares_of(other)])

    def __iter__(self) -> Iterator[BaseMiddleware]:
        return iter(self._middlewares)

    def __len__(self) -> int:
        return len(self._middlewares)

    def __repr__(self) -> str:
        return f"<MiddlewareChain {self._middlewares!r}>"


Middlewares: TypeAlias = BaseMiddleware | MiddlewareChain | Sequence[BaseMiddleware | MiddlewareChain] | None
"""What is taken for middleware: one, a chain, or a list of both."""


def middlewares_of(given: Middlewares) -> list[BaseMiddleware]:
    """Each middleware of what users write."""
    if given is None:
        return []
    if isinstance(given, BaseMiddleware):
        return [given]
    if isinstance(given, MiddlewareChain):
        return list(given)
    found: list[BaseMiddleware] = []
    for item in given:
        if not isinstance(item, (BaseMiddleware, MiddlewareChain)):
            raise TypeError(f"middleware={item!r}: write an object of a class that derives from BaseMiddleware.")
        found.extend(middlewares_of(item))
    return found


class MiddlewareManager:
    """All middleware of a client, in the order of their priorities, each asked only for what it overrides."""

    def __init__(self, middlewares: Middlewares = None) -> None:
        self.middlewares: list[BaseMiddleware] = sorted(middlewares_of(middlewares), key=_priority)
        self._overriding: dict[tuple[str, str], list[BaseMiddleware]] = {}

    def add(self, middleware: BaseMiddleware) -> None:
        """Put one more where its priority says."""
        self.middlewares = sorted([*self.middlewares, middleware], key=_priority)
        self._overriding.clear()

    def has(self, kind: type[BaseMiddleware]) -> bool:
        """Whether there is one of a class."""
        return any(isinstance(middleware, kind) for middleware in self.middlewares)

    def overriding(self, hook: str, method: str) -> list[BaseMiddleware]:
        """The middleware that has something to do at a hook for a method, outermost first."""
        key = (hook, method)
        found = self._overriding.get(key)
        if found is None:
            found = [middleware for middleware in self.middlewares if _does(middleware, hook, method)]
            if len(self._overriding) < _MOST_METHODS:
                self._overriding[key] = found
        return [middleware for middleware in found if middleware.__enabled__] if found else _NOBODY

    async def around(self, request: Request, send: CallNext, instead: BaseMiddleware | None = None) -> Response:
        """Send a request through all that stand around it; `instead` stands in for those of its own class."""
        chain = self.overriding("around", request.method)
        if instead is not None:
            chain = sorted([*[other for other in chain if type(other) is not type(instead)], instead], key=_priority)
        call = send
        for middleware in reversed(chain):
            call = _Link(middleware, call)
        return await call(request)


class _Link:
    """A middleware and what is further in."""

    __slots__ = ("_call_next", "_middleware")

    def __init__(self, middleware: BaseMiddleware, call_next: CallNext) -> None:
        self._middleware = middleware
        self._call_next = call_next

    async def __call__(self, request: Request) -> Response:
        return await self._middleware.around(request, self._call_next)


_NOBODY: Final[list[BaseMiddleware]] = []
# Methods are words of the user's: a table of them must not grow with what is made up.
_MOST_METHODS: Final = 128


def _priority(middleware: BaseMiddleware) -> int:
    return middleware.__priority__


def _does(middleware: BaseMiddleware, hook: str, method: str) -> bool:
    methods = middleware.__methods__
    if methods is not None and method.upper() not in {name.upper() for name in methods}:
        return False
    return getattr(type(middleware), hook) is not getattr(BaseMiddleware, hook)
