"""What the options of a server name, looked at before a server does, which has only a traceback for it."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import os
import ssl
import stat
from pathlib import Path
from typing import Final

import uvicorn

from fasterapi.check.application import first_line
from fasterapi.cli.exits import CommandError
from fasterapi.cli.serving_options import ServerOptions

_LONGEST_SOCKET: Final = 107
"""Bytes of a Unix socket's path on Linux, beside the one that ends it; other systems take a few less."""


def refuse_what_cannot_be_used(options: ServerOptions) -> None:
    """Raise `CommandError` where no server could listen on what is named, or encrypt with it."""
    root_path = options["root_path"]
    if root_path and not root_path.startswith("/"):
        raise CommandError(f"the root path begins with a slash. Write --root-path /{root_path}.")
    if options["fd"] is not None:
        _refuse_descriptor(options["fd"])
    if options["uds"] is not None:
        _refuse_socket(Path(options["uds"]))
    if options["ssl_certfile"] is not None:
        _refuse_certificates(options["ssl_certfile"], options)


def refuse_log_config(path: str) -> None:
    """Raise `CommandError` where a file does not configure logging."""
    try:
        uvicorn.Config("", log_config=path)
    except Exception as error:
        raise CommandError(
            f"{path} does not configure logging: {first_line(error)}. "
            "Write JSON or YAML as logging.config.dictConfig takes it, or INI as fileConfig does."
        ) from error


def _refuse_descriptor(descriptor: int) -> None:
    try:
        is_socket = stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        is_socket = False
    if not is_socket:
        raise CommandError(f"--fd {descriptor} is no open socket. Whoever starts this process must open it, and hand it on.")


def _refuse_socket(path: Path) -> None:
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise CommandError(f"--uds {path} cannot be made: there is no folder {path.parent} that may be written to. Make it.")
    if len(os.fsencode(path)) > _LONGEST_SOCKET:
        raise CommandError(f"--uds {path} is too long for a socket. Write a path of at most {_LONGEST_SOCKET} bytes.")
    if path.exists() and not path.is_socket():
        raise CommandError(f"--uds {path} is there, and is no socket. Write another path.")


def _refuse_certificates(path: str, options: ServerOptions) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # A text, for without one OpenSSL asks whoever sits at the terminal.
        context.load_cert_chain(path, options["ssl_keyfile"], options["ssl_keyfile_password"] or "")
    except OSError as error:
        key = options["ssl_keyfile"] or path
        raise CommandError(
            f"{path} is no certificate with {key} as its key: {first_line(error)}. "
            "Write PEM files that belong together, and --ssl-keyfile-password if the key has one."
        ) from error
    try:
        if options["ssl_ca_certs"] is not None:
            context.load_verify_locations(options["ssl_ca_certs"])
    except OSError as error:
        raise CommandError(f"{options['ssl_ca_certs']} has no certificates: {first_line(error)}. Write a PEM file of them.") from error
    try:
        if options["ssl_ciphers"] is not None:
            context.set_ciphers(options["ssl_ciphers"])
    except ssl.SSLError as error:
        raise CommandError(f"--ssl-ciphers {options['ssl_ciphers']} names none. Write them as `openssl ciphers` lists them.") from error
