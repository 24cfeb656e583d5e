"""What goes wrong with an outgoing request, as exceptions.

    FastHTTPError
    ├── FastHTTPRequestError        the request could not be made of what was declared
    ├── FastHTTPConnectionError     no connection, or it broke: refused, reset, cut off
    │   ├── FastHTTPCertificateError    the server could not prove who it is
    │   └── FastHTTPTimeoutError    too late; `phase` says where
    ├── FastHTTPBadStatusError      an error status, where one was asked to be raised (in `response`, which it carries)
    ├── FastHTTPValidationError     the response, or the request, does not fit its model
    ├── FastHTTPRedirectError       too many redirects, or one that cannot be followed
    ├── FastHTTPLimitError          the response is larger than allowed
    └── SecurityError               refused before anything was sent
        ├── SSRFBlockedError        the address is not one to connect to
        └── CircuitOpenError        the host failed too often of late

Interpreted: users subclass, pickle and refer weakly to exceptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self, TypeAlias

from typing_extensions import override

from fasterapi.client.masking import mask_url
from fasterapi.errors import ErrorItem

Phase: TypeAlias = Literal["connect", "read", "write", "pool", "total"]
"""What a request waited for when its time was up."""


class FastHTTPError(Exception):
    """A request that failed: which one, at which attempt. The cause is its `__cause__`.

    Example: `except FastHTTPError as error: log(error.method, error.url, error.attempts)`.
    """

    def __init__(self, message: str, *, method: str = "", url: str = "", attempts: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.method: str = method
        self.url: str = mask_url(url)
        """Where the request went, secrets masked."""
        self.attempts: int = attempts
        """How often it was sent."""

    def located(self, method: str, url: str, attempts: int = 1) -> Self:
        """The same error, told which request it is of where it did not know."""
        if not self.url:
            self.method = method
            self.url = mask_url(url)
        self.attempts = max(self.attempts, attempts)
        return self

    @property
    def cause(self) -> BaseException | None:
        """What it was raised from."""
        return self.__cause__

    @override
    def __str__(self) -> str:
        where = f"{self.method} {self.url}: " if self.url else ""
        tries = f" (after {self.attempts} attempts)" if self.attempts > 1 else ""
        return f"{where}{self.message}{tries}"

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[FastHTTPError], args: tuple[object, ...], state: dict[str, object]) -> FastHTTPError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class FastHTTPRequestError(FastHTTPError):
    """A request that could not be made of what was declared, so nothing was sent."""


class FastHTTPConnectionError(FastHTTPError):
    """A connection that could not be made, or broke before the whole response was there."""

    was_sent: bool = True
    """Whether the server may have seen the request."""


class FastHTTPCertificateError(FastHTTPConnectionError):
    """A server that could not prove who it is."""


class FastHTTPTimeoutError(FastHTTPConnectionError):
    """A request whose time was up."""

    def __init__(self, message: str, *, phase: Phase, method: str = "", url: str = "", attempts: int = 1) -> None:
        super().__init__(message, method=method, url=url, attempts=attempts)
        self.phase: Phase = phase


class FastHTTPValidationError(FastHTTPError):
    """A response or a request that does not fit its model."""

    def __init__(self, message: str, *, errors: Sequence[ErrorItem] = (), method: str = "", url: str = "", attempts: int = 1) -> None:
        super().__init__(message, method=method, url=url, attempts=attempts)
        self._errors: list[ErrorItem] = list(errors)

    def errors(self) -> list[ErrorItem]:
        """Every fault that was found."""
        return self._errors


class FastHTTPRedirectError(FastHTTPError):
    """Too many redirects, or one that cannot be followed."""


class FastHTTPLimitError(FastHTTPError):
    """A response that is larger than allowed, packed or unpacked; the rest of it was not read."""


class SecurityError(FastHTTPError):
    """A request that was refused before anything was sent."""


class SSRFBlockedError(SecurityError):
    """An address that requests must not go to."""


class CircuitOpenError(SecurityError):
    """A host that failed so often of late that nothing is sent to it for a while."""

    def __init__(self, message: str, *, retry_in: float = 0.0, method: str = "", url: str = "", attempts: int = 1) -> None:
        super().__init__(message, method=method, url=url, attempts=attempts)
        self.retry_in = retry_in
        """Seconds until a request is let through again."""


class DeclarationError(TypeError):
    """A declared request that could never work as it is written; the message says what to write instead."""


class UntypedHandlerWarning(UserWarning):
    """A handler without annotations: it runs, but no type checker can help its callers."""
