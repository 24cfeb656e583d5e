"""API keys, as dependencies.

Interpreted, because mypyc does not compile an overloaded `__init__`; what requests run is compiled in `key_scheme`.
"""

from __future__ import annotations

from typing import Literal, overload

from fasterapi.security.gives import Gives, Text_co
from fasterapi.security.key_scheme import KeyScheme


class APIKeyQuery(Gives[Text_co], KeyScheme):
    """A key in the query. It ends up in logs and browser histories: prefer a header.

    Example: `key: str = Depends(APIKeyQuery(name="api_key"))`.
    """

    @overload
    def __init__(
        self: APIKeyQuery[str],
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None: ...
    def __init__(self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None:
        super().__init__("query", name, scheme_name, description, auto_error)


class APIKeyHeader(Gives[Text_co], KeyScheme):
    """A key in a header. Compare it with `secrets.compare_digest`: the time that `==` takes tells where two keys differ.

    Example:
        read_key = APIKeyHeader(name="X-API-Key")

        async def known_client(key: str = Depends(read_key)) -> None:
            if not secrets.compare_digest(key.encode(), settings.api_key.encode()):
                raise HTTPException(403, "Unknown API key")
    """

    @overload
    def __init__(
        self: APIKeyHeader[str],
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None: ...
    def __init__(self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None:
        super().__init__("header", name, scheme_name, description, auto_error)


class APIKeyCookie(Gives[Text_co], KeyScheme):
    """A key in a cookie.

    Example: `session: str = Depends(APIKeyCookie(name="session"))`.
    """

    @overload
    def __init__(
        self: APIKeyCookie[str],
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None: ...
    def __init__(self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None:
        super().__init__("cookie", name, scheme_name, description, auto_error)
