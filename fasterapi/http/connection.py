"""What requests and WebSockets have in common: where they go and what they bring along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, cast

from mypy_extensions import mypyc_attr
from typing_extensions import TypeVar

from fasterapi.asgi import RawHeaders, Receive, Scope, Send
from fasterapi.datastructures.address import Address
from fasterapi.datastructures.headers import Headers
from fasterapi.datastructures.query_params import QueryParams
from fasterapi.datastructures.state import State
from fasterapi.datastructures.url import URL
from fasterapi.datastructures.url_path import URLPath
from fasterapi.http.asgi_exchange import AsgiExchange
from fasterapi.http.cookies import parse_cookies
from fasterapi.http.exchange import Exchange

StateT = TypeVar("StateT", bound=Mapping[str, Any] | State, default=State)


async def no_receive() -> Mapping[str, Any]:
    """Stands in where a connection was made without its `receive`."""
    raise RuntimeError("This connection was made without receive, so nothing can be read from it. Write Request(scope, receive).")


async def no_send(message: Mapping[str, Any]) -> None:  # noqa: ARG001 - the signature of an ASGI callable
    """Stands in where a connection was made without its `send`."""
    raise RuntimeError("This connection was made without send, so nothing can be sent. Write Request(scope, receive, send).")


@mypyc_attr(allow_interpreted_subclasses=True)
class HTTPConnection(Mapping[str, Any], Generic[StateT]):
    """The head of a request or of a WebSocket handshake; everything is worked out when it is first asked for.

    Made of the scope of an ASGI server, which its items are: `connection["path"]`. The type of `state` can be told:
    `HTTPConnection[MyState]`.
    """

    def __init__(self, scope: Scope | Exchange, receive: Receive = no_receive, send: Send = no_send) -> None:
        if isinstance(scope, Exchange):
            self.exchange: Exchange = scope
        else:
            self.exchange = AsgiExchange(cast("dict[str, Any]", scope), receive, send)
        self._url: URL | None = None
        self._base_url: URL | None = None
        self._headers: Headers | None = None
        self._query_params: QueryParams | None = None
        self._cookies: dict[str, str] | None = None
        self._state: State | None = None

    @property
    def scope(self) -> dict[str, Any]:
        """The request as ASGI has it."""
        return self.exchange.scope()

    @property
    def app(self) -> Any:
        """The application that answers."""
        app = self.exchange.app
        return self.scope["app"] if app is None else app

    @property
    def url(self) -> URL:
        """The whole URL; its path is the one that routes see, whatever the client wrote into it or into its `Host` header."""
        url = self._url
        if url is None:
            url = _url_of(self.exchange, self.exchange.full_path(), self.exchange.query_string())
            self._url = url
        return url

    @property
    def base_url(self) -> URL:
        """The URL of the outermost application's root, with a slash at its end."""
        url = self._base_url
        if url is None:
            root = self.exchange.outermost_root_path()
            url = _url_of(self.exchange, root if root.endswith("/") else root + "/", b"")
            self._base_url = url
        return url

    def url_for(self, name: str, /, **path_params: Any) -> URL:
        """The whole URL of the route of this name.

        Example: `request.url_for("read_user", user_id=7)`, `request.url_for("static", path="/logo.svg")`.

        Raises `NoMatchFound` where no route has the name and exactly these parameters.
        """
        path: URLPath = (self.scope.get("router") or self.app).url_path_for(name, **path_params)
        return path.make_absolute_url(self.base_url)

    @property
    def headers(self) -> Headers:
        """The headers, by names in any case."""
        headers = self._headers
        if headers is None:
            headers = Headers(None, self.exchange.headers())
            self._headers = headers
        return headers

    @property
    def query_params(self) -> QueryParams:
        """The parameters in the query."""
        params = self._query_params
        if params is None:
            params = QueryParams(self.exchange.query_string())
            self._query_params = params
        return params

    @property
    def path_params(self) -> dict[str, Any]:
        """The parameters in the path, as its converters read them."""
        return self.exchange.path_params()

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        cookies = self._cookies
        if cookies is None:
            cookies = parse_cookies(self.exchange.headers())
            self._cookies = cookies
        return cookies

    @property
    def client(self) -> Address | None:
        """Where the client is, if the server knows."""
        client = self.exchange.client()
        return None if client is None else Address(client[0], client[1])

    @property
    def path(self) -> str:
        """The path below what the application is mounted at."""
        return self.exchange.path

    @property
    def content_type(self) -> str | None:
        """The `Content-Type` header."""
        value = self.exchange.header(b"content-type")
        return None if value is None else value.decode("latin-1")

    @property
    def state(self) -> StateT:
        """The application's own values: those of the lifespan, and what middleware and dependencies add."""
        state = self._state
        if state is None:
            state = State(self.exchange.state())
            self._state = state
        return cast("StateT", state)

    @property
    def session(self) -> dict[str, Any]:
        """The session that `SessionMiddleware` keeps."""
        assert "session" in self.scope, "SessionMiddleware must be installed to access request.session"
        session: Any = self.scope["session"]
        # Other middleware may keep a plain dictionary there.
        if hasattr(session, "mark_accessed"):
            session.mark_accessed()
        return cast("dict[str, Any]", session)

    @property
    def auth(self) -> Any:
        """The credentials that `AuthenticationMiddleware` found."""
        assert "auth" in self.scope, "AuthenticationMiddleware must be installed to access request.auth"
        return self.scope["auth"]

    @property
    def user(self) -> Any:
        """The user that `AuthenticationMiddleware` found."""
        assert "user" in self.scope, "AuthenticationMiddleware must be installed to access request.user"
        return self.scope["user"]

    def __getitem__(self, key: str) -> Any:
        return self.scope[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scope)

    def __len__(self) -> int:
        return len(self.scope)

    # No two connections are the same, whatever they bring.

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def _url_of(exchange: Exchange, path: str, query: bytes) -> URL:
    headers: RawHeaders = [pair for pair in exchange.headers() if pair[0] == b"host"]
    return URL(
        "",
        {"scheme": exchange.scheme(), "server": exchange.server(), "headers": headers, "path": path, "query_string": query},
    )
