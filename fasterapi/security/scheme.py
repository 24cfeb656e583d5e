"""What all security schemes are: dependencies that read credentials off a request, and parts of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping

from mypy_extensions import mypyc_attr

from fasterapi.errors import HTTPException
from fasterapi.http.exchange import Exchange


@mypyc_attr(allow_interpreted_subclasses=True)
class SecurityScheme:
    """A scheme; each kind says where its credentials stand and how it is described.

    The framework asks `credentials` directly. A subclass that overrides `__call__` is a provider like any other.
    """

    def __init__(self, scheme_name: str | None, description: str | None, auto_error: bool) -> None:
        self.scheme_name: str = type(self).__name__ if scheme_name is None else scheme_name
        self.description = description
        self.auto_error = auto_error

    def credentials(self, exchange: Exchange) -> object:
        """What the request carries; without it, `None` or the exception of `refusal`, as `auto_error` says."""
        raise NotImplementedError

    def challenge(self) -> Mapping[str, str]:
        """The `WWW-Authenticate` header of a refusal (RFC 9110, 11.6.1)."""
        raise NotImplementedError

    def refusal(self) -> HTTPException:
        """The answer to a request without credentials."""
        return HTTPException(401, "Not authenticated", self.challenge())
