"""Providers with clean-up: generators that give their value before the handler runs and end after it.

What the handler raises is thrown into them, last entered first, as nested `with` blocks would see it: each may let it
pass, raise another in its place, or swallow it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any, Final, TypeAlias, cast, final

from fasterapi.concurrency.limit import TakenPlace
from fasterapi.concurrency.threads import run_cleanup

Provider: TypeAlias = "Generator[object, Any, Any] | AsyncGenerator[object, Any]"

_ENDED: Final = object()


@final
class Cleanups:
    """The generators of one request that were entered, by how long they live."""

    def __init__(self) -> None:
        self._function: list[Provider | TakenPlace] = []
        self._request: list[Provider | TakenPlace] = []

    async def enter(self, provider: AsyncGenerator[object, Any], until_response: bool) -> object:
        """The provider's value; its clean-up is due when the handler returned, or `until_response` was sent."""
        return self._entered(provider, await _next_async(provider), until_response)

    def enter_in_thread(self, provider: Generator[object, Any, Any], until_response: bool) -> object:
        """The same for a provider that may block: called where it may."""
        return self._entered(provider, next(provider, _ENDED), until_response)

    def _entered(self, provider: Provider, value: object, until_response: bool) -> object:
        if value is _ENDED:
            raise RuntimeError(f"The dependency {_name(provider)!r} ended without a yield. Yield the value that it provides.")
        self._due(until_response).append(provider)
        return value

    def keep(self, place: TakenPlace, until_response: bool) -> None:
        """Give a place back after all that is entered from now on."""
        self._due(until_response).append(place)

    def _due(self, until_response: bool) -> list[Provider | TakenPlace]:
        return self._request if until_response else self._function

    async def leave_function(self, error: BaseException | None) -> BaseException | None:
        """End those that live as long as the handler runs; gives what is raised after them, if anything is."""
        return await _leave(self._function, error)

    async def leave_request(self, error: BaseException | None) -> BaseException | None:
        """End those that live until the response was sent; gives what is raised after them, if anything is."""
        return await _leave(self._request, error)


async def _leave(providers: list[Provider | TakenPlace], error: BaseException | None) -> BaseException | None:
    current = error
    while providers:
        provider = providers[-1]
        try:
            if isinstance(provider, TakenPlace):
                providers.pop()
                provider.give_back()
            elif isinstance(provider, Generator):
                current = await run_cleanup(_end_in_thread, providers, current)
            else:
                providers.pop()
                current = await _end_async(provider, current)
        except BaseException as raised:  # noqa: BLE001  # a cancellation too must reach the providers that are left
            current = raised
    return current


def _end_in_thread(providers: list[Provider | TakenPlace], error: BaseException | None) -> BaseException | None:
    """End the blocking ones that were entered last: they share one trip to a thread."""
    current = error
    while providers:
        provider = providers[-1]
        if not isinstance(provider, Generator):
            break
        providers.pop()
        try:
            current = _end(provider, current)
        except BaseException as raised:  # noqa: BLE001  # as in `_leave`
            current = raised
    return current


async def _next_async(provider: AsyncGenerator[object, Any]) -> object:
    try:
        return await provider.__anext__()
    except StopAsyncIteration:
        return _ENDED


def _end(provider: Generator[object, Any, Any], error: BaseException | None) -> BaseException | None:
    """Run the clean-up; gives the error where it is let pass, `None` where it was swallowed, raises one in its place."""
    if error is None:
        if next(provider, _ENDED) is not _ENDED:
            provider.close()
            raise _yielded_again(provider)
        return None
    try:
        provider.throw(error)
    except StopIteration as stopped:
        return error if stopped is error else None
    except RuntimeError as wrapped:
        return _unwrapped(wrapped, error)
    except BaseException as raised:  # noqa: BLE001  # whatever it raises is what happened
        return raised
    provider.close()
    raise _yielded_again(provider)


async def _end_async(provider: AsyncGenerator[object, Any], error: BaseException | None) -> BaseException | None:
    if error is None:
        if await _next_async(provider) is not _ENDED:
            await provider.aclose()
            raise _yielded_again(provider)
        return None
    try:
        await provider.athrow(error)
    except StopAsyncIteration as stopped:
        return error if stopped is error else None
    except RuntimeError as wrapped:
        return _unwrapped(wrapped, error)
    except BaseException as raised:  # noqa: BLE001  # whatever it raises is what happened
        return raised
    await provider.aclose()
    raise _yielded_again(provider)


def _unwrapped(raised: RuntimeError, error: BaseException) -> BaseException:
    """A generator turns a Stop(Async)Iteration that passes through it into a RuntimeError (PEP 479): it is let pass."""
    if isinstance(error, (StopIteration, StopAsyncIteration)) and raised.__cause__ is error:
        return error
    return raised


def _yielded_again(provider: Provider) -> RuntimeError:
    return RuntimeError(f"The dependency {_name(provider)!r} yields more than once. What follows its yield is clean-up, and may not yield.")


def _name(provider: Provider) -> str:
    return str(cast("Any", provider).__name__)
