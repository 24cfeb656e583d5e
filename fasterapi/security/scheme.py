"""What all security schemes are: dependencies that read credentials off a request, and parts of the OpenAPI document."""

from __future__ import annotations

from types import WrapperDescriptorType
from typing import cast

from mypy_extensions import mypyc_attr

from fasterapi.datastructures.header_fields import encode_header_value
from fasterapi.errors import HTTPException
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.exchange import Exchange
from fasterapi.security.models import SchemeModel


@mypyc_attr(allow_interpreted_subclasses=True)
class SecurityScheme:
    """A scheme: where a request's credentials stand, and how OpenAPI describes that.

    The framework asks `credentials`. A subclass that overrides `__call__` is a provider like any other instead.

    Example:
        class SignedRequest(SecurityScheme):
            def __init__(self) -> None:
                super().__init__({"type": "apiKey", "in": "header", "name": "X-Signature"}, "Signature")

            async def __call__(self, request: HTTPConnection) -> str:
                signature = request.headers.get("X-Signature")
                if signature is None:
                    raise self.make_not_authenticated_error()
                return signature
    """

    def __init__(
        self,
        model: SchemeModel,
        challenge: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        encode_header_value("WWW-Authenticate", challenge)  # a challenge that no header can carry is refused here
        self.model: SchemeModel = model if description is None else cast("SchemeModel", {**model, "description": description})
        """How the OpenAPI document describes the scheme."""
        self.challenge = challenge
        """What a refusal asks for in its `WWW-Authenticate` header (RFC 9110, 11.6.1)."""
        self.scheme_name: str = scheme_name or type(self).__name__
        """The scheme's name in the OpenAPI document."""
        self.auto_error = auto_error
        """Whether a request without credentials is refused, or the handler gets `None` for them."""

    def credentials(self, exchange: Exchange) -> object:
        """What the request carries; without it, what `absent` says."""
        raise NotImplementedError

    def absent(self) -> object:
        """What is given for a request without credentials: `None`; or the refusal is raised, as `auto_error` says."""
        if self.auto_error:
            raise self.make_not_authenticated_error()
        return None

    def make_authenticate_headers(self) -> dict[str, str]:
        """The headers of a refusal."""
        return {"WWW-Authenticate": self.challenge}

    def make_not_authenticated_error(self) -> HTTPException:
        """The answer to a request without credentials; override it to give another one."""
        return HTTPException(401, "Not authenticated", self.make_authenticate_headers())

    def is_overridden(self) -> bool:
        """Whether a subclass has a `__call__` of its own."""
        call = type(self).__call__
        # A compiled subclass that inherits it has a wrapper around it.
        return call is not SecurityScheme.__call__ and not isinstance(call, WrapperDescriptorType)

    async def __call__(self, request: HTTPConnection) -> object:
        """What the request carries, for overrides that go on from there: `token = await super().__call__(request)`."""
        return self.credentials(request.exchange)
