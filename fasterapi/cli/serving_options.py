"""What a server in production can be told, in the names of uvicorn."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypedDict

import click
from click.core import ParameterSource

from fasterapi.cli.command import Declared, option
from fasterapi.cli.exits import CommandError

LOG_LEVELS: Final = ("critical", "error", "warning", "info", "debug", "trace")

_FILE: Final = click.Path(exists=True, dir_okay=False)
_AT_LEAST_ONE: Final = click.IntRange(min=1)
_AT_LEAST_ZERO: Final = click.IntRange(min=0)


class ServerOptions(TypedDict):
    """What all of the options below give."""

    host: str
    port: int
    uds: str | None
    fd: int | None
    workers: int
    loop: str
    http: str
    root_path: str
    proxy_headers: bool
    forwarded_allow_ips: str | None
    server_header: bool
    date_header: bool
    ssl_certfile: str | None
    ssl_keyfile: str | None
    ssl_keyfile_password: str | None
    ssl_ca_certs: str | None
    ssl_cert_reqs: int
    ssl_ciphers: str | None
    log_level: str
    access_log: bool
    timeout_keep_alive: int
    timeout_graceful_shutdown: int | None
    limit_concurrency: int | None
    limit_max_requests: int | None
    limit_max_requests_jitter: int
    backlog: int
    ws_max_size: int


_UVICORN_ONLY: Final = ("http", "limit_concurrency")
_HYPERCORN_ONLY: Final = ("quic_bind",)


def address_options(host: str) -> Callable[[Declared], Declared]:
    """Declare where the server listens, with the host that is taken where none is said."""
    return _declaring(
        option("--host", group="Address", default=host, show_default=True, help="The address to listen on."),
        option("--port", group="Address", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one."),
    )


def choice_of_server(function: Declared) -> Declared:
    """Declare `server`, and `quic_bind` of the one that has it."""
    return _declaring(
        _server(
            "--server",
            type=click.Choice(["uvicorn", "hypercorn"]),
            default="uvicorn",
            show_default=True,
            help="Which one: hypercorn speaks HTTP/2 too, and HTTP/3.",
        ),
        option("--quic-bind", group="Address", metavar="HOST:PORT", help="Listen for HTTP/3 there, with hypercorn."),
    )(function)


def server_options(function: Declared) -> Declared:
    """Declare everything in `ServerOptions` but what `address_options` does."""
    return _declaring(
        _server("--uds", metavar="PATH", help="Listen on a Unix socket instead.", group="Address"),
        _server("--fd", type=_AT_LEAST_ZERO, help="Listen on an open socket instead, by its file descriptor.", group="Address"),
        _server(
            "--workers",
            type=_AT_LEAST_ONE,
            default=1,
            show_default=True,
            envvar=["FASTERAPI_RUN_WORKERS", "WEB_CONCURRENCY"],
            help="How many processes; WEB_CONCURRENCY says it too.",
        ),
        _server("--loop", type=click.Choice(["auto", "asyncio", "uvloop"]), default="auto", show_default=True, help="The event loop."),
        _server(
            "--http",
            type=click.Choice(["fasterapi", "httptools", "h11"]),
            default="fasterapi",
            show_default=True,
            callback=_protocol,
            help="What speaks HTTP: the compiled protocol of ours, or one of uvicorn's.",
        ),
        _proxy("--root-path", default="", help="The path that a proxy takes away before it asks the application."),
        _proxy(
            "--proxy-headers/--no-proxy-headers", default=True, show_default=True, help="Believe X-Forwarded-For and X-Forwarded-Proto."
        ),
        _proxy("--forwarded-allow-ips", metavar="IPS", help="The proxies to believe, with commas between; this machine unless said."),
        _server("--server-header/--no-server-header", default=True, show_default=True, help="Send `server: uvicorn`."),
        _server("--date-header/--no-date-header", default=True, show_default=True, help="Send the date."),
        _tls("--ssl-certfile", type=_FILE, help="The certificate; the server speaks HTTPS with it."),
        _tls("--ssl-keyfile", type=_FILE, help="Its key, where it is in a file of its own."),
        _tls("--ssl-keyfile-password", help="The password of the key; better in FASTERAPI_RUN_SSL_KEYFILE_PASSWORD."),
        _tls("--ssl-ca-certs", type=_FILE, help="The authorities whose certificates clients may have."),
        _tls(
            "--ssl-cert-reqs",
            type=click.Choice(["none", "optional", "required"]),
            default="none",
            show_default=True,
            callback=_certificates,
            help="Whether clients need one.",
        ),
        _tls("--ssl-ciphers", help="The ciphers, as OpenSSL writes them."),
        _logs("--log-level", type=click.Choice(LOG_LEVELS), default="info", show_default=True, help="What is worth a line."),
        _logs("--access-log/--no-access-log", default=True, show_default=True, help="Have a line for each request."),
        _limit("--timeout-keep-alive", type=_AT_LEAST_ONE, default=5, show_default=True, help="Seconds that a connection may idle."),
        _limit("--timeout-graceful-shutdown", type=_AT_LEAST_ZERO, help="Seconds that requests have to end when the server does."),
        _limit("--limit-concurrency", type=_AT_LEAST_ONE, help="Connections and requests at a time; the others get 503."),
        _limit("--limit-max-requests", type=_AT_LEAST_ONE, help="Requests after which a worker ends, for a new one to begin."),
        _limit("--limit-max-requests-jitter", type=_AT_LEAST_ZERO, default=0, help="Up to so many more, so that not all end at once."),
        _limit("--backlog", type=_AT_LEAST_ONE, default=2048, show_default=True, help="Connections that may wait to be accepted."),
        _limit("--ws-max-size", type=_AT_LEAST_ONE, default=16 * 1024 * 1024, show_default=True, help="Bytes of a WebSocket message."),
    )(function)


def refuse_contradictions(options: ServerOptions) -> None:
    """Raise `CommandError` where options leave open which of them holds."""
    if options["uds"] is not None and options["fd"] is not None:
        raise CommandError("--uds and --fd both say where to listen. Write one of them.")
    if options["ssl_certfile"] is None and any(options[name] for name in ("ssl_keyfile", "ssl_ca_certs", "ssl_cert_reqs")):
        raise CommandError("TLS needs a certificate. Write --ssl-certfile too.")
    if options["ssl_cert_reqs"] and options["ssl_ca_certs"] is None:
        raise CommandError("certificates of clients are judged by authorities. Write --ssl-ca-certs too.")


def refuse_options_of_the_other(server: str, context: click.Context) -> None:
    """Raise `CommandError` where an option was written that the server does not have."""
    for name in _HYPERCORN_ONLY if server == "uvicorn" else _UVICORN_ONLY:
        if context.get_parameter_source(name) not in {ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP}:
            other = "hypercorn" if server == "uvicorn" else "uvicorn"
            written = f"--{name.replace('_', '-')}"
            raise CommandError(f"{server} has no {written}. Leave it out, or write --server {other}.")


def _declaring(*declarations: Callable[[Declared], Declared]) -> Callable[[Declared], Declared]:
    def declare(function: Declared) -> Declared:
        for declaration in reversed(declarations):
            function = declaration(function)
        return function

    return declare


def _in_group(group: str) -> Callable[..., Callable[[Declared], Declared]]:
    def declare(name: str, **attributes: Any) -> Callable[[Declared], Declared]:
        return option(name, **{"group": group, **attributes})

    return declare


_server: Final = _in_group("Server")
_proxy: Final = _in_group("Behind a proxy")
_tls: Final = _in_group("TLS")
_logs: Final = _in_group("Logs")
_limit: Final = _in_group("Limits")


def _protocol(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    return "fasterapi.server:HttpProtocol" if value == "fasterapi" else value


def _certificates(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    """The number that the ssl module has for it."""
    return ("none", "optional", "required").index(value)
