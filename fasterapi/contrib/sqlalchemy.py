"""SQLAlchemy's sessions as dependencies: one transaction a request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any, Final, TypeVar, overload

from fasterapi.binding.markers import Depends
from fasterapi.errors import HTTPException
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.request import Request

try:
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError, DBAPIError
    from sqlalchemy.exc import TimeoutError as PoolTimeoutError
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
    from sqlalchemy.orm import Session, sessionmaker
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "fasterapi.contrib.sqlalchemy needs SQLAlchemy: pip install 'fasterapi-framework[sqlalchemy]', and the driver of your"
        " database, asyncpg or aiosqlite",
        name=_missing.name,
    ) from _missing

AsyncT = TypeVar("AsyncT", bound=AsyncSession)
SyncT = TypeVar("SyncT", bound=Session)

_ASYNC_DRIVERS: Final = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "mysql": "mysql+asyncmy",
    "mariadb": "mariadb+asyncmy",
}


@overload
def sqlalchemy_session_dependency(session_factory: async_sessionmaker[AsyncT]) -> Callable[..., Coroutine[Any, Any, AsyncT]]: ...
@overload
def sqlalchemy_session_dependency(session_factory: sessionmaker[SyncT]) -> Callable[..., Coroutine[Any, Any, SyncT]]: ...
def sqlalchemy_session_dependency(session_factory: Callable[[], Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A provider of sessions: each request gets one, and one transaction, in which all its handler and its providers do takes place.

    Example:
        get_session = sqlalchemy_session_dependency(async_sessionmaker(engine, expire_on_commit=False))

        @app.post("/users", status_code=201)
        async def create_user(user: UserIn, session: AsyncSession = Depends(get_session)) -> UserOut: ...

    The transaction is committed when the handler has returned and its result is encoded, before anything of the answer is sent: a
    client that is told of success can rely on it, and a commit that fails is an error. It is rolled back where anything is
    raised, and, for asynchronous sessions, where the client has gone by then. The session is closed before the
    answer is sent too, so that a response that streams rows needs a session of its own.

    A `sessionmaker` of plain sessions does too, for `def` handlers: what it does runs in threads.

    Where no connection is free in time, or the database is away, the answer is 503 with `Retry-After`.
    """
    transaction = _in_loop(session_factory) if isinstance(session_factory, async_sessionmaker) else _in_threads(session_factory)

    # Scope "function" is what ends the transaction before the answer: kept here, where nobody can forget it.
    async def session_of_request(session: Any = Depends(transaction, scope="function")) -> Any:  # noqa: B008 - a marker
        return session

    return session_of_request


def _in_loop(session_factory: Callable[[], AsyncSession]) -> Callable[..., AsyncIterator[AsyncSession]]:
    async def transaction(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
        # Closing rolls back what was not committed, and is shielded from a cancellation.
        async with session_factory() as session:
            try:
                yield session
                if not await _has_gone(connection):
                    await session.commit()
            except (PoolTimeoutError, DBAPIError, OSError) as error:
                if is_unavailable(error):
                    raise _unavailable() from error
                raise

    return transaction


def _in_threads(session_factory: Callable[[], Session]) -> Callable[..., Iterator[Session]]:
    def transaction() -> Iterator[Session]:
        with session_factory() as session:
            try:
                yield session
                session.commit()
            except (PoolTimeoutError, DBAPIError, OSError) as error:
                if is_unavailable(error):
                    raise _unavailable() from error
                raise

    return transaction


def _unavailable() -> HTTPException:
    return HTTPException(503, "The database is not available now", {"Retry-After": "1"})


def async_engine_from_url(url: str | URL, **options: Any) -> AsyncEngine:
    """An engine for a database's URL.

    Example: `engine = async_engine_from_url("postgresql://127.0.0.1/shop", pool_size=20)`.

    URLs without a driver get the asynchronous one: `postgresql://` asyncpg, `sqlite://` aiosqlite. Connections are tried before they
    are used, so that those from before a restart of the database fail nobody. A request waits five seconds for a free one,
    instead of thirty. `options` are those of `create_async_engine`, and win.
    """
    parsed = url if isinstance(url, URL) else _parsed(url)
    parsed = parsed.set(drivername=_ASYNC_DRIVERS.get(parsed.drivername, parsed.drivername))
    options.setdefault("pool_pre_ping", True)
    # SQLite in memory has one connection, for which nobody waits.
    if "poolclass" not in options and not parsed.drivername.startswith("sqlite"):
        options.setdefault("pool_timeout", 5)
    return create_async_engine(parsed, **options)


def async_engine_from_url_optional(url: str | URL | None, **options: Any) -> AsyncEngine | None:
    """The same, and `None` where there is no URL: for applications that can do without a database.

    Example: `engine = async_engine_from_url_optional(os.environ.get("DATABASE_URL"))`.
    """
    return async_engine_from_url(url, **options) if url else None


def is_unavailable(error: BaseException) -> bool:
    """Whether an exception says that the database cannot be reached, or has no connection left, rather than that a query is wrong."""
    if isinstance(error, PoolTimeoutError):
        return True
    if isinstance(error, DBAPIError):
        # Class 57P is an operator's doing: the server stops, or is not up yet; 08 is a lost connection; 53300 is too many of them.
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or state.startswith(("08", "57P")) or state == "53300"
    # Drivers let what the network raises pass, which files of the handler's own raise too.
    return isinstance(error, OSError) and _came_through_sqlalchemy(error.__traceback__)


def _came_through_sqlalchemy(traceback: TracebackType | None) -> bool:
    while traceback is not None:
        if str(traceback.tb_frame.f_globals.get("__name__", "")).startswith("sqlalchemy."):
            return True
        traceback = traceback.tb_next
    return False


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as fault:
        # Without the URL, in which a password may stand.
        raise ValueError("This is no URL of a database. Write one like postgresql://user:password@host/name.") from fault


async def _has_gone(connection: HTTPConnection) -> bool:
    return isinstance(connection, Request) and await connection.is_disconnected()
