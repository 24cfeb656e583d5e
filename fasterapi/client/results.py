"""What came of requests that ran together.

Interpreted: generic, and a sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import timedelta
from typing import Any, Generic, TypeVar, overload

from fasterapi.client.response import Response
from fasterapi.client.route import Route

T = TypeVar("T")


class Outcome(Generic[T]):
    """What came of one request: the value of its handler, or an error."""

    def __init__(
        self, route: Route, elapsed: float, *, value: T | None = None, error: Exception | None = None, response: Response | None = None
    ) -> None:
        self.route: Route = route
        self.elapsed: timedelta = timedelta(seconds=elapsed)
        self.error: Exception | None = error
        self.response: Response | None = response
        """The response, where there was one."""
        self._value = value

    @property
    def ok(self) -> bool:
        """Whether the handler ran to its end."""
        return self.error is None

    @property
    def value(self) -> T:
        """What the handler returned; raises the error, where there is one."""
        if self.error is not None:
            raise self.error
        return self._value  # type: ignore[return-value]  # without an error there is a value, which may be None

    def __repr__(self) -> str:
        return f"<Outcome of {self.route.name}: {self._value!r}>" if self.ok else f"<Outcome of {self.route.name}: {self.error!r}>"


class Results(Sequence[Outcome[Any]]):
    """The outcomes of a run, in the order of their declarations.

    Example: `app.run()[get_user].value` is of the type that `get_user` returns.
    """

    def __init__(self, outcomes: Sequence[Outcome[Any]], elapsed: float) -> None:
        self._outcomes = list(outcomes)
        self.elapsed: timedelta = timedelta(seconds=elapsed)
        """How long all of it took."""

    @property
    def errors(self) -> list[Outcome[Any]]:
        """The outcomes of those that failed."""
        return [outcome for outcome in self._outcomes if not outcome.ok]

    def raise_errors(self) -> None:
        """Raise what failed, as one `ExceptionGroup`, if anything did."""
        errors = [outcome.error for outcome in self._outcomes if outcome.error is not None]
        if errors:
            raise ExceptionGroup(f"{len(errors)} of {len(self._outcomes)} requests failed", errors)

    @overload
    def __getitem__(self, key: int | str) -> Outcome[Any]: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Outcome[Any]]: ...
    @overload
    def __getitem__(self, key: Callable[..., Coroutine[Any, Any, T]]) -> Outcome[T]: ...
    @overload
    def __getitem__(self, key: Callable[..., T]) -> Outcome[T]: ...
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, slice)):
            return self._outcomes[key]
        for outcome in self._outcomes:
            if outcome.route.handler is key or outcome.route.name == key:
                return outcome
        raise KeyError(f"{key!r} was not run: it is not declared on this app, or has other tags.")

    def __len__(self) -> int:
        return len(self._outcomes)

    def __iter__(self) -> Iterator[Outcome[Any]]:
        return iter(self._outcomes)

    def __repr__(self) -> str:
        return f"<Results: {len(self) - len(self.errors)} of {len(self)} succeeded>"
