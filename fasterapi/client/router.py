"""Groups of requests that share where they go, what they are tagged with and what they depend on.

Interpreted: reads what users declare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fasterapi.client.errors import DeclarationError
from fasterapi.client.hooks import EventHooks
from fasterapi.client.verbs import Declared, Revision, Verbs

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Surroundings:
    """What a request gets from the routers that it stands in, outermost first."""

    def __init__(
        self,
        prefix: str = "",
        base_url: str | None = None,
        tags: Sequence[str] = (),
        dependencies: Sequence[Any] = (),
        hooks: EventHooks | None = None,
    ) -> None:
        self.prefix = prefix
        self.base_url = base_url
        self.tags: list[str] = list(tags)
        self.dependencies: list[Any] = list(dependencies)
        self.hooks: EventHooks = hooks or EventHooks()

    def within(self, inner: Surroundings) -> Surroundings:
        """What is around something further in: the base URL that is nearer wins, everything else adds up."""
        return Surroundings(
            join_urls(self.prefix, inner.prefix),
            inner.base_url or self.base_url,
            [*self.tags, *inner.tags],
            [*self.dependencies, *inner.dependencies],
            self.hooks.merge(inner.hooks),
        )


class Router(Verbs):
    """Declares requests as an app does, to be included in one, or in another router.

    A prefix may be a path or a whole URL.

    Example:
        users = Router(prefix="/users", tags=["users"])

        @users.get("/{user_id}")
        async def get_user(user: User, user_id: int) -> User: ...

        app.include_router(users)
    """

    def __init__(
        self, *, base_url: str | None = None, prefix: str = "", tags: Sequence[str] | None = None, dependencies: Sequence[Any] | None = None
    ) -> None:
        super().__init__()
        self.base_url = base_url
        self.prefix = prefix
        self.tags: list[str] = list(tags or ())
        self.dependencies: list[Any] = list(dependencies or ())
        self._included: list[tuple[Router, Surroundings]] = []

    def include_router(
        self,
        router: Router,
        *,
        prefix: str = "",
        tags: Sequence[str] | None = None,
        dependencies: Sequence[Any] | None = None,
        base_url: str | None = None,
    ) -> None:
        """Add all that a router declares, now and later."""
        if router is self or self in router.nested():
            raise DeclarationError("A router cannot stand within itself.")
        self._included.append((router, Surroundings(prefix, base_url, tags or (), dependencies or ())))
        Revision.number += 1

    def nested(self) -> list[Router]:
        """All routers within this one."""
        found: list[Router] = []
        for router, _ in self._included:
            found.extend([router, *router.nested()])
        return found

    def walk(self, around: Surroundings) -> Iterator[tuple[Declared, Surroundings]]:
        """Everything that is declared here and further in, each with all that surrounds it."""
        here = around.within(Surroundings(self.prefix, self.base_url, self.tags, self.dependencies, self.hooks))
        for declared in self.declared:
            yield declared, here
        for router, surroundings in self._included:
            yield from router.walk(here.within(surroundings))


def join_urls(outer: str, inner: str) -> str:
    """A path within a prefix; a whole URL stands for itself."""
    if not outer or _ABSOLUTE.match(inner):
        return inner
    if not inner:
        return outer
    if inner.startswith("?"):
        return outer + inner
    return f"{outer.rstrip('/')}/{inner.lstrip('/')}"
