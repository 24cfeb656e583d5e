"""Connections to PostgreSQL by asyncpg, as dependencies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, final

from fasterapi.binding.markers import Depends
from fasterapi.errors import HTTPException
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.request import Request

try:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "fasterapi.contrib.asyncpg needs asyncpg: pip install 'fasterapi-framework[asyncpg]'", name=_missing.name
    ) from _missing

if TYPE_CHECKING:
    Connection: TypeAlias = PoolConnectionProxy[asyncpg.Record]
else:
    # The class takes no type arguments when the program runs.
    Connection = PoolConnectionProxy
"""What `AsyncpgPool` gives: a connection that goes back to the pool by itself."""


_ABSENCES: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    # What a connection says that was ended between two queries.
    asyncpg.InternalClientError,
)


@final
class AsyncpgPool:
    """A pool of connections to PostgreSQL, of which each request that asks for one gets one, in a transaction.

    Example:
        pool = AsyncpgPool("postgresql://127.0.0.1/shop", max_size=20)

        @asynccontextmanager
        async def lifespan(app: Faster) -> AsyncIterator[None]:
            async with pool:
                yield

        @app.post("/users")
        async def create_user(user: UserIn, connection: Connection = Depends(pool.transaction)) -> int:
            return await connection.fetchval("INSERT INTO users (name) VALUES ($1) RETURNING id", user.name)

    `transaction` commits before the answer is sent, and rolls back where anything is raised or the client has gone; `connection` is
    one without a transaction around all. A request waits `acquire_timeout` seconds for a free connection. Where there is none, or the
    database is away, the answer is 503 with `Retry-After`. The application starts without the database, unless `min_size` says
    that so many connections have to be there. The other `options` are those of `asyncpg.create_pool`.
    """

    def __init__(self, dsn: str, *, acquire_timeout: float = 5, min_size: int = 0, **options: Any) -> None:
        self._create: Callable[[], Any] = lambda: asyncpg.create_pool(dsn, min_size=min_size, **options)
        self._acquire_timeout = acquire_timeout
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self.connection: Final = self._provider(is_transaction=False)
        """A provider of connections."""
        self.transaction: Final = self._provider(is_transaction=True)
        """A provider of connections in a transaction."""

    @property
    def pool(self) -> asyncpg.Pool[asyncpg.Record]:
        """The pool of asyncpg, for work outside requests."""
        if self._pool is None:
            raise RuntimeError("The pool is not open. Write `async with pool:` in the lifespan of the application.")
        return self._pool

    async def __aenter__(self) -> Self:
        self._pool = await self._create()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        pool, self._pool = self.pool, None
        await pool.close()

    async def check(self) -> None:
        """Raise where the database does not answer: for `health_router(checks={"database": pool.check})`."""
        async with self.pool.acquire(timeout=self._acquire_timeout) as connection:
            await connection.execute("SELECT 1")

    def _provider(self, *, is_transaction: bool) -> Callable[..., Coroutine[Any, Any, Connection]]:
        async def connected(request: HTTPConnection) -> AsyncIterator[Connection]:
            connection = await self._acquired()
            transaction = connection.transaction() if is_transaction else None
            try:
                if transaction is not None:
                    await transaction.start()
                yield connection
                if transaction is not None:
                    await (transaction.rollback() if await _has_gone(request) else transaction.commit())
            except BaseException as error:
                lost = _is_lost(connection)
                if isinstance(error, _ABSENCES) or (lost and isinstance(error, asyncpg.InterfaceError)):
                    if not lost:
                        connection.terminate()
                    raise _unavailable() from error
                if transaction is not None and not lost and connection.is_in_transaction():
                    await transaction.rollback()
                raise
            finally:
                await self.pool.release(connection)

        # Scope "function" is what ends the transaction before the answer: kept here, where nobody can forget it.
        async def connection_of_request(connection: Any = Depends(connected, scope="function")) -> Any:  # noqa: B008 - a marker
            return connection

        return connection_of_request

    async def _acquired(self) -> Connection:
        try:
            return await self.pool.acquire(timeout=self._acquire_timeout)
        except (TimeoutError, OSError, asyncpg.InterfaceError, *_ABSENCES) as error:
            raise _unavailable() from error


def _is_lost(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool has taken it back at its end.
        return True


def _unavailable() -> HTTPException:
    return HTTPException(503, "The database is not available now", {"Retry-After": "1"})


async def _has_gone(connection: HTTPConnection) -> bool:
    return isinstance(connection, Request) and await connection.is_disconnected()
