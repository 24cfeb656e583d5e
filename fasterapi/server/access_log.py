"""The lines of uvicorn's access log."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fasterapi.server.proxy_headers import Address


def log_access(
    logger: logging.Logger, client: Address | None, method: str, path: str, query: bytes, http_version: str, status: int
) -> None:
    """Log one answer; the arguments are those that the formatter of uvicorn knows, and no control character is among them."""
    if not logger.isEnabledFor(logging.INFO):
        return
    address = "" if client is None else f"{client[0]}:{client[1]}"
    target = quote(path)
    if query:
        target += "?" + query.decode("ascii")
    logger.info('%s - "%s %s HTTP/%s" %d', address, method, target, http_version, status)
