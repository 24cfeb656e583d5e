"""An OpenAPI document, read far enough to write a client of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import msgspec

Schema: TypeAlias = Mapping[str, Any]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_HOPS: Final = 32


class DocumentError(ValueError):
    """A document that is none of OpenAPI 3, or refers to something that is not in it."""


class Document:
    """A document and what its references lead to."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        version = content.get("openapi")
        if not isinstance(version, str) or not version.startswith("3."):
            raise DocumentError(f"openapi: {version!r}: only documents of OpenAPI 3 are read. Convert older ones first.")
        self.content: Mapping[str, Any] = content

    @property
    def title(self) -> str:
        """The service's name and version."""
        info = mapping(self.content.get("info"))
        return f"{info.get('title', 'API')} {info.get('version', '')}".strip()

    @property
    def base_url(self) -> str | None:
        """The first server, its variables filled with their defaults."""
        servers = self.content.get("servers")
        server = mapping(servers[0]) if isinstance(servers, list) and servers else {}
        url = str(server.get("url", ""))
        for name, variable in mapping(server.get("variables")).items():
            url = url.replace(f"{{{name}}}", str(mapping(variable).get("default", "")))
        return url if "://" in url else None

    def schemas(self) -> Mapping[str, Schema]:
        """The named schemas."""
        return cast("Mapping[str, Schema]", mapping(mapping(self.content.get("components")).get("schemas")))

    def paths(self) -> Mapping[str, Mapping[str, Any]]:
        """What is offered, by path."""
        return {path: self.resolve(item) for path, item in mapping(self.content.get("paths")).items()}

    def resolve(self, value: Any) -> Mapping[str, Any]:
        """What a reference, or one to a reference, leads to."""
        found = mapping(value)
        for _ in range(_MOST_HOPS):
            reference = found.get("$ref")
            if not isinstance(reference, str):
                return found
            found = self._follow(reference)
        raise DocumentError(f"{found.get('$ref')!r} leads to itself.")

    def _follow(self, reference: str) -> Mapping[str, Any]:
        if not reference.startswith("#/"):
            raise DocumentError(f"{reference!r} is in another document. Bundle the documents into one first.")
        found: Any = self.content
        for part in reference[2:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or name not in found:
                raise DocumentError(f"{reference!r} is not in the document.")
            found = found[name]
        return mapping(found)


def read_document(document: Mapping[str, Any] | str | bytes) -> Document:
    """A document as it is given: read already, or JSON."""
    if isinstance(document, (str, bytes)):
        try:
            return Document(msgspec.json.decode(document, type=dict[str, Any]))
        except msgspec.MsgspecError as error:
            raise DocumentError(f"The document is not JSON: {error}.") from error
    return Document(document)


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping, empty where there is something else."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def sequence(value: Any) -> Sequence[Any]:
    """A list, empty where there is something else."""
    return cast("Sequence[Any]", value) if isinstance(value, list) else []
