"""Where our security schemes part from FastAPI's."""

from __future__ import annotations

from typing import Final

DIFFERENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("`Authorization: Bearer` without a token, for `OAuth2PasswordBearer` and its like", "gives an empty token", "is no token"),
    ("Characters that are not Base64 in Basic credentials, or padding in their middle", "are skipped", "are refused with status 401"),
    ("Another scheme than the one of `HTTPBase(scheme=...)`", "is taken", "is no credentials"),
    ("Quotes and backslashes in the `realm` of `HTTPBasic`", "break the header", "are escaped"),
    ("A `realm` that no header can carry, with a line break in it", "is sent, and adds a header of its own", "is refused at start-up"),
    ("`APIKeyHeader` with a name that no header can have", "finds no key, ever", "is refused at start-up"),
    ("`OAuth2(flows=...)` with the name of no flow", "is taken into the OpenAPI document", "is refused at start-up"),
    ("`model` of a scheme", "is a pydantic model: `scheme.model.name`", "is a dict as JSON has it: `scheme.model['name']`"),
    ("`repr` of credentials", "shows them", "hides them from logs"),
    ("`HTTPBasic` and its like", "are subclasses of `HTTPBase`", "are not"),
)
"""Where we part from FastAPI on purpose: the case, what FastAPI does, what we do."""
