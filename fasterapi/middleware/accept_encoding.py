"""Which codings a client takes (RFC 9110, 12.5.3)."""

from __future__ import annotations

import re
from typing import Final

# A weight has three decimals at most (RFC 9110, 12.4.2); what is no weight makes its coding one that the client does not take.
_WEIGHT: Final = re.compile(rb"q[ \t]*=[ \t]*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_ZERO: Final = re.compile(rb"0(?:\.0*)?")


def accepts_gzip(accept_encoding: bytes | None) -> bool:
    """Whether an answer may be compressed with gzip: by its name, or by `*` where the name is not there; never with weight 0."""
    if accept_encoding is None:
        return False
    by_asterisk = False
    for element in accept_encoding.lower().split(b","):
        coding, _, parameters = element.partition(b";")
        name = coding.strip()
        if name in (b"gzip", b"x-gzip"):
            return _is_wanted(parameters)
        if name == b"*":
            by_asterisk = _is_wanted(parameters)
    return by_asterisk


def _is_wanted(parameters: bytes) -> bool:
    weight = parameters.strip()
    if not weight:
        return True
    found = _WEIGHT.fullmatch(weight)
    return found is not None and _ZERO.fullmatch(found.group(1)) is None
