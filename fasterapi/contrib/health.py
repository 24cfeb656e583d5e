"""Whether the application lives, and whether it is ready: what Kubernetes and load balancers ask for."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, final

import msgspec

from fasterapi.binding.markers import Depends
from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.http.responses import JSONResponse
from fasterapi.logger import logger
from fasterapi.routing.router import FasterRouter

_NO_STORE: Final = {"Cache-Control": "no-store"}
_PASSED: Final = "ok"


class Health(msgspec.Struct, omit_defaults=True):
    """The state of the application, and of all that it was asked to check."""

    status: str
    checks: dict[str, str] = {}


def health_router(
    checks: Mapping[str, Callable[..., Any]] | None = None, *, timeout: float = 5, prefix: str = "", include_in_schema: bool = False
) -> FasterRouter:
    """Routes for `/livez`, which answers as long as the application runs, and `/readyz`, which makes the checks first.

    Example:
        async def database(session: AsyncSession = Depends(get_session)) -> None:
            await session.execute(text("SELECT 1"))

        app.include_router(health_router({"database": database, "queue": queue.ping}))

    A check is a dependency like any other, and can have dependencies. It fails by raising, by returning `False`, or by taking more than
    `timeout` seconds; `/readyz` gives 503 then. Clients see which check failed, logs see why.
    """
    router = FasterRouter(prefix=prefix, include_in_schema=include_in_schema)

    @router.get("/livez")
    async def livez() -> JSONResponse:
        return JSONResponse(Health(_PASSED), headers=_NO_STORE)

    made = [_Check(name, check, timeout) for name, check in (checks or {}).items()]

    async def readyz(**found: str) -> JSONResponse:
        results = dict(zip(checks or {}, found.values(), strict=True))
        ready = all(result == _PASSED for result in results.values())
        return JSONResponse(Health(_PASSED if ready else "unavailable", results), 200 if ready else 503, _NO_STORE)

    parameters = [
        inspect.Parameter(f"check_{number}", inspect.Parameter.KEYWORD_ONLY, default=Depends(check.provider()), annotation=str)
        for number, check in enumerate(made)
    ]
    readyz.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # functions may carry one
    router.add_api_route("/readyz", readyz, methods=["GET"])
    return router


@final
class _Check:
    """Makes a check a provider that never raises."""

    def __init__(self, name: str, check: Callable[..., Any], timeout: float) -> None:
        if inspect.isgeneratorfunction(check) or inspect.isasyncgenfunction(check):
            raise TypeError(f"The check {name!r} yields. Write a function that returns, and depend on what yields.")
        self._name = name
        self._check = check
        self._timeout = timeout

    def provider(self) -> Callable[..., Coroutine[Any, Any, str]]:
        """A function with the parameters of the check, which gives how it ended."""

        async def checked(*args: Any, **kwargs: Any) -> str:
            try:
                async with asyncio.timeout(self._timeout):
                    passed = await self._made(args, kwargs)
            except TimeoutError:
                logger.warning("The check %r takes longer than %s seconds", self._name, self._timeout)
                return "timeout"
            except Exception:  # noqa: BLE001 - whatever it raises, the check failed
                logger.warning("The check %r failed", self._name, exc_info=True)
                return "failed"
            return "failed" if passed is False else _PASSED

        return functools.wraps(self._check)(checked)

    async def _made(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
        if inspect.iscoroutinefunction(self._check):
            return await self._check(*args, **kwargs)
        given = await run_in_threadpool(self._check, *args, **kwargs)
        return await given if inspect.isawaitable(given) else given
