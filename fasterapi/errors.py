"""Exceptions that handlers raise and the shape of validation errors.

Interpreted: users subclass, pickle and refer weakly to exceptions, and compiled TypedDict classes lose what they declare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final, NotRequired, TypeAlias, TypedDict

Location: TypeAlias = tuple[str | int, ...]
"""Where in the request a value stood, outermost first: `("body", "items", 0, "price")`."""


class ErrorItem(TypedDict):
    """One fault in a request, in the shape that FastAPI users know."""

    type: str
    loc: Location
    msg: str
    input: object
    ctx: NotRequired[dict[str, object]]


_REASONS: Final[dict[int, str]] = {status.value: status.phrase for status in HTTPStatus}


def reason_phrase(status_code: int) -> str:
    """The standard phrase of a status code, empty for an unknown one."""
    return _REASONS.get(status_code, "")


class HTTPException(Exception):
    """An answer with an error status, raised from anywhere in a handler or dependency.

    Example: `raise HTTPException(404, "no such item")`.
    """

    def __init__(self, status_code: int, detail: object = None, headers: Mapping[str, str] | None = None) -> None:
        self.status_code = status_code
        self.detail: object = reason_phrase(status_code) if detail is None else detail
        self.headers: Mapping[str, str] | None = headers
        super().__init__(status_code, self.detail)

    def __str__(self) -> str:
        return f"{self.status_code}: {self.detail}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(status_code={self.status_code!r}, detail={self.detail!r})"


class RequestValidationError(Exception):
    """A request whose parameters or body do not fit the handler's annotations."""

    def __init__(self, errors: Sequence[ErrorItem], *, body: object = None) -> None:
        super().__init__(errors)
        self._errors: list[ErrorItem] = list(errors)
        self.body: object = body

    def errors(self) -> list[ErrorItem]:
        """Every fault that was found, in the order of the handler's sources."""
        return self._errors


class WebSocketException(Exception):
    """The end of a WebSocket, raised from anywhere in its handler or a dependency: the code tells the client why.

    Example: `raise WebSocketException(1008, "no such room")`. The codes are those of RFC 6455, 7.4; 3000 to 4999 are free for
    applications.
    """

    def __init__(self, code: int, reason: str | None = None) -> None:
        self.code = code
        self.reason: str = reason or ""
        super().__init__(code, self.reason)

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, reason={self.reason!r})"


class WebSocketRequestValidationError(Exception):
    """A WebSocket handshake, or a message, that does not fit the handler's annotations."""

    def __init__(self, errors: Sequence[ErrorItem]) -> None:
        super().__init__(errors)
        self._errors: list[ErrorItem] = list(errors)

    def errors(self) -> list[ErrorItem]:
        """Every fault that was found; those of a message are located from `"message"` on."""
        return self._errors


class ResponseValidationError(Exception):
    """A handler's result that does not fit its response model: a server's error, of which the client learns nothing."""

    def __init__(self, errors: Sequence[ErrorItem], *, body: object = None) -> None:
        super().__init__(errors)
        self._errors: list[ErrorItem] = list(errors)
        self.body: object = body

    def errors(self) -> list[ErrorItem]:
        """Every fault that was found, each located from `"response"` on."""
        return self._errors

    def __str__(self) -> str:
        # Without the values: they are what must not get out, logs included.
        faults = [f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in self._errors]
        return "\n  ".join(["The result does not fit the response model.", *faults])


class NoMatchFound(Exception):
    """No route has this name and takes these parameters."""

    def __init__(self, name: str, path_params: Mapping[str, object]) -> None:
        super().__init__(name, path_params)
        self.name = name
        self.path_params: Mapping[str, object] = path_params

    def __str__(self) -> str:
        params = ", ".join(self.path_params) or "no parameters"
        return f"No route is named {self.name!r} and takes {params}."
