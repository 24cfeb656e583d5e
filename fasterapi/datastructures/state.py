"""What an application keeps for itself, at `app.state` and `request.state`.

Interpreted: the attributes of an instance are the entries of a given dictionary, and users subclass it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any


class State:
    """A namespace for the application's own values, as attributes and as items.

    Example: `request.state.user = user`, later `request.state.user` or `request.state["user"]`.

    A `State` made of a dictionary is a view of it: what is set here is there, and the other way round.
    """

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        # An attribute look-up in a dictionary that is the instance's own needs no Python code to run.
        self.__dict__ = {} if state is None else state

    def __getitem__(self, key: str) -> Any:
        return self.__dict__[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.__dict__[key] = value

    def __delitem__(self, key: str) -> None:
        del self.__dict__[key]

    def __contains__(self, key: object) -> bool:
        return key in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...
        def __delattr__(self, name: str) -> None: ...
