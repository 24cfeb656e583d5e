"""The scopes that were asked for on the way to a provider."""

from __future__ import annotations

from collections.abc import Sequence

from mypy_extensions import mypyc_attr


@mypyc_attr(allow_interpreted_subclasses=True)
class SecurityScopes:
    """What every `Security(..., scopes=[...])` between the handler and this provider asks for, outermost first."""

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self.scopes: list[str] = list(scopes or ())
        self.scope_str: str = " ".join(self.scopes)
