"""Whom connections trust, and how they prove who they are."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import certifi

Verify: TypeAlias = bool | str | ssl.SSLContext
"""Whether certificates are checked, a file or folder of the authorities to check them with, or all of the settings."""
ClientCertificate: TypeAlias = str | tuple[str, str] | tuple[str, str, str]
"""A file with certificate and key, or `(certificate, key)`, or `(certificate, key, password)`."""


def make_ssl_context(verify: Verify = True, cert: ClientCertificate | None = None, http2: bool = False) -> ssl.SSLContext:
    """The TLS settings of what users write for `verify` and `cert`."""
    if verify is True and cert is None:
        return _usual_context(http2)
    context = verify if isinstance(verify, ssl.SSLContext) else _new_context(verify)
    if isinstance(cert, str):
        context.load_cert_chain(cert)
    elif cert is not None:
        context.load_cert_chain(cert[0], cert[1], cert[2] if len(cert) == 3 else None)
    return context


@lru_cache(maxsize=2)
def _usual_context(http2: bool) -> ssl.SSLContext:
    """Made once: reading the authorities takes as long as a hundred requests. HTTP/2 is told in the context, so it has its own."""
    del http2
    return _new_context(True)


def _new_context(verify: bool | str) -> ssl.SSLContext:
    if isinstance(verify, str):
        return _context_of(verify)
    if verify:
        return _context_of(os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or certifi.where())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _context_of(authorities: str) -> ssl.SSLContext:
    if Path(authorities).is_dir():
        return ssl.create_default_context(capath=authorities)
    return ssl.create_default_context(cafile=authorities)
