"""The other servers that a document speaks of, which a page that sends requests has to reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_FLOW_URLS: Final = ("tokenUrl", "refreshUrl")


def connections_of(document: Mapping[str, Any]) -> list[str]:
    """The URLs of its servers, and those at which its security schemes give out tokens."""
    return [*_servers_of(document), *_token_urls_of(document)]


def _servers_of(document: Mapping[str, Any]) -> Iterator[str]:
    places: list[Any] = [document]
    for path in _objects(document.get("paths")):
        places.append(path)
        places.extend(_objects(path))
    for place in places:
        for server in place.get("servers") or ():
            yield str(server.get("url", ""))


def _token_urls_of(document: Mapping[str, Any]) -> Iterator[str]:
    components = document.get("components") or {}
    for scheme in _objects(components.get("securitySchemes")):
        if "openIdConnectUrl" in scheme:
            yield str(scheme["openIdConnectUrl"])
        for flow in _objects(scheme.get("flows")):
            for name in _FLOW_URLS:
                if name in flow:
                    yield str(flow[name])


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value.values() if isinstance(item, Mapping)] if isinstance(value, Mapping) else []
