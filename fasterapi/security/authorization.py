"""Reads the `Authorization` header: the name of a scheme, and credentials of the form that it sets (RFC 9110, 11.6.2)."""

from __future__ import annotations

from base64 import b64decode
from typing import Final

from mypy_extensions import mypyc_attr
from typing_extensions import override

from fasterapi.http.exchange import Exchange
from fasterapi.security.credentials import HTTPAuthorizationCredentials, HTTPBasicCredentials
from fasterapi.security.models import HTTPModel, SchemeModel
from fasterapi.security.scheme import SecurityScheme

_ANYTHING: Final = ""


def get_authorization_scheme_param(authorization_header_value: str | None) -> tuple[str, str]:
    """The scheme and the credentials in the value of an `Authorization` header.

    Example: `get_authorization_scheme_param("Bearer abc")` is `("Bearer", "abc")`.
    """
    if not authorization_header_value:
        return "", ""
    end = authorization_header_value.find(" ")
    if end < 0:
        return authorization_header_value, ""
    return authorization_header_value[:end], authorization_header_value[end + 1 :].strip()


def decode_basic(credentials: str) -> HTTPBasicCredentials | None:
    """Username and password; `None` for what is not Base64 of ASCII with a colon in it (RFC 7617, 2).

    Not UTF-8, which a server would have to ask for: `secrets.compare_digest` takes no texts beyond ASCII.
    """
    try:
        text = b64decode(credentials, validate=True).decode("ascii")
    except ValueError:
        return None
    username, colon, password = text.partition(":")
    return HTTPBasicCredentials(username, password) if colon else None


@mypyc_attr(allow_interpreted_subclasses=True)
class TokenScheme(SecurityScheme):
    """A scheme whose credentials are a token; of the one type that `token_type` names in lower case, or else the whole header."""

    def __init__(self, model: SchemeModel, scheme_name: str | None, description: str | None, auto_error: bool) -> None:
        super().__init__(model, "Bearer", scheme_name, description, auto_error)
        self.token_type: str = _ANYTHING

    @override
    def credentials(self, exchange: Exchange) -> object:
        header = exchange.header(b"authorization")
        if header is None:
            return self.absent()
        token = header.decode("latin-1")
        if self.token_type != _ANYTHING:
            scheme, token = get_authorization_scheme_param(token)
            if scheme.lower() != self.token_type:
                return self.absent()
        return token or self.absent()


@mypyc_attr(allow_interpreted_subclasses=True)
class HTTPScheme(SecurityScheme):
    """A scheme of HTTP itself, whose name stands before the credentials."""

    def __init__(self, model: HTTPModel, challenge: str, scheme_name: str | None, description: str | None, auto_error: bool) -> None:
        super().__init__(model, challenge, scheme_name, description, auto_error)
        self._scheme = model["scheme"].lower()

    @override
    def credentials(self, exchange: Exchange) -> object:
        found = self.authorization(exchange)
        if found is None or not found[1]:
            return self.absent()
        return HTTPAuthorizationCredentials(found[0], found[1])

    def authorization(self, exchange: Exchange) -> tuple[str, str] | None:
        """Scheme and credentials of the header, where it is of this scheme."""
        header = exchange.header(b"authorization")
        if header is None:
            return None
        found = get_authorization_scheme_param(header.decode("latin-1"))
        return found if found[0].lower() == self._scheme else None
