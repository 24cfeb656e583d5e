"""The document as it is sent: encoded once, and told from others by an entity tag."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, final

import msgspec

from fasterapi.asgi import RawHeaders
from fasterapi.http.conditional import NOT_MODIFIED, Validators
from fasterapi.http.responses import Response

_MOST_ROOTS: Final = 16
"""How many root paths are remembered: an application stands below few, and a client must not fill the memory with others."""

_encode: Final = msgspec.json.Encoder().encode


@final
class _Entity:
    def __init__(self, body: bytes) -> None:
        self.body = body
        self.etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        self.validators = Validators(self.etag, "")


@final
class ServedDocument:
    """Sends one document, below any root path."""

    def __init__(self) -> None:
        self._document: Mapping[str, Any] | None = None
        self._entities: dict[str, _Entity] = {}

    def response(self, document: Mapping[str, Any], root_path: str, headers: RawHeaders) -> Response:
        """The answer to a request with these headers. `root_path` goes before the document's own servers, unless it is empty.

        A document is taken for the same as before while it is the same object.
        """
        if document is not self._document:
            self._document = document
            self._entities = {}
        entity = self._entities.get(root_path)
        if entity is None:
            entity = _Entity(_encode(_below(document, root_path)))
            if len(self._entities) < _MOST_ROOTS:
                self._entities[root_path] = entity
        shown = {"etag": entity.etag, "cache-control": "no-cache"}
        if entity.validators.judge(headers) == NOT_MODIFIED:
            return Response(None, NOT_MODIFIED, shown)
        return Response(entity.body, 200, shown, "application/json")


def _below(document: Mapping[str, Any], root_path: str) -> Mapping[str, Any]:
    servers: list[Any] = document.get("servers") or []
    if not root_path or root_path in [server.get("url") for server in servers]:
        return document
    return {**document, "servers": [{"url": root_path}, *servers]}
