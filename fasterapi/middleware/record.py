"""A middleware that an application is to be wrapped in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, Protocol

from mypy_extensions import mypyc_attr

from fasterapi.asgi import ASGIApp

P = ParamSpec("P")


class MiddlewareFactory(Protocol[P]):
    """What makes a middleware of the application inside it: an ASGI class, or a function."""

    def __call__(self, app: Any, /, *args: P.args, **kwargs: P.kwargs) -> ASGIApp:
        """Wrap the application; `Any`, because each framework declares applications in its own way."""
        ...


@mypyc_attr(allow_interpreted_subclasses=True)
class Middleware:
    """A middleware and its arguments, for `Faster(middleware=[...])`; the first of the list is the outermost.

    Example: `Middleware(CORSMiddleware, allow_origins=["https://example.org"])`.
    """

    def __init__(self, cls: MiddlewareFactory[P], *args: P.args, **kwargs: P.kwargs) -> None:
        self.cls: Callable[..., ASGIApp] = cls
        self.args: tuple[object, ...] = args
        self.kwargs: dict[str, object] = kwargs

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The application with this middleware around it."""
        return self.cls(app, *self.args, **self.kwargs)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.cls, self.args, self.kwargs))

    def __repr__(self) -> str:
        named = [f"{name}={value!r}" for name, value in self.kwargs.items()]
        shown = [getattr(self.cls, "__name__", repr(self.cls)), *[repr(value) for value in self.args], *named]
        return f"{type(self).__name__}({', '.join(shown)})"
