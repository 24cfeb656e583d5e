"""A limit for one route, or for some."""

from __future__ import annotations

from typing import Any

from fasterapi.contrib.rate_limit.keys import Key, by_client
from fasterapi.contrib.rate_limit.limit import Algorithm, Limit
from fasterapi.contrib.rate_limit.limiter import RETRY_SECONDS, FailurePolicy, Limiter
from fasterapi.contrib.rate_limit.stores import LimitStore
from fasterapi.errors import HTTPException
from fasterapi.http.request import Request
from fasterapi.http.responses import Response


class RateLimit:
    """A dependency that refuses with status 429 who asks too often.

    Example:
        @app.post("/login", dependencies=[Depends(RateLimit("5/minute"))])
        async def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token: ...

    Each route counts for itself. Routes whose limits have one `name` (and one store) count together.
    """

    def __init__(
        self,
        limit: str | Limit,
        *,
        algorithm: Algorithm = "sliding_window",
        store: LimitStore | None = None,
        key: Key | None = None,
        on_store_failure: FailurePolicy = "fail_open",
        name: str | None = None,
    ) -> None:
        self.key: Key = by_client() if key is None else key
        self.limiter: Limiter = Limiter(limit, algorithm, store, on_store_failure)
        self.name = name

    async def __call__(self, request: Request[Any], response: Response) -> None:
        """Count the request. Raises `HTTPException` if it is one too many."""
        key = self.key(request)
        if not key:
            return
        verdict = await self.limiter.take(self._name(request), key)
        if verdict is None:
            if self.limiter.fails_open:
                return
            raise HTTPException(503, headers={"retry-after": str(RETRY_SECONDS)})
        said = {name.decode("ascii"): value.decode("ascii") for name, value in verdict.headers()}
        if not verdict.allowed:
            raise HTTPException(429, headers=said)
        for name, value in said.items():
            response.headers[name] = value

    def _name(self, request: Request[Any]) -> str:
        """What tells the route from others, in all processes alike."""
        if self.name is not None:
            return f"name:{self.name}"
        scope = request.scope
        # The template and not the path: each item would have a limit of its own.
        return f"route:{scope.get('root_path', '')} {scope['route']}"
