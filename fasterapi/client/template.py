"""URLs with places for values: `/users/{user_id}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, final

from fasterapi.client.errors import DeclarationError, FastHTTPRequestError
from fasterapi.client.target import quote_segment

_PLACE: Final = re.compile(r"\{([^{}]*)\}")


@final
class URLTemplate:
    """A URL whose parts in braces are filled in for each request, percent-encoded.

    Example: `URLTemplate("/users/{user_id}").fill({"user_id": 7})` is `"/users/7"`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        pieces: list[str] = []
        end = 0
        for found in _PLACE.finditer(text):
            name = found.group(1)
            if not name.isidentifier():
                raise DeclarationError(f"{text!r}: {{{name}}} is not the name of a value. Write {{user_id}}; write braces as %7B and %7D.")
            if name in self.names:
                raise DeclarationError(f"{text!r} has {{{name}}} twice. Give each value its own name.")
            self.names.append(name)
            pieces.append(text[end : found.start()])
            end = found.end()
        self._pieces: list[str] = [*pieces, text[end:]]

    def fill(self, values: Mapping[str, object]) -> str:
        """The URL with these values."""
        if not self.names:
            return self.text
        filled: list[str] = []
        for position, name in enumerate(self.names):
            if name not in values:
                raise FastHTTPRequestError(
                    f"{self.text!r} needs a value for {name!r}. Write path_params={{{name!r}: …}} in the decorator,"
                    f" or call the request with it: app.call(handler, {name}=…)."
                )
            filled.append(self._pieces[position])
            filled.append(quote_segment(values[name]))
        filled.append(self._pieces[-1])
        return "".join(filled)
