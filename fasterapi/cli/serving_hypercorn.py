"""`fasterapi run --server hypercorn`: HTTP/2, and HTTP/3 where aioquic is installed."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import logging
from importlib.util import find_spec
from ssl import VerifyMode
from typing import TYPE_CHECKING, Any, Final

from fasterapi.cli.discovery import Target
from fasterapi.cli.exits import CLEAN, NOT_STARTED, CommandError
from fasterapi.cli.serving_options import ServerOptions

if TYPE_CHECKING:
    from hypercorn.config import Config

_OF_UVICORN: Final = ("log_config", "log_level", "access_log", "proxy_headers", "forwarded_allow_ips")
"""What `uvicorn.Config` makes of it holds for hypercorn too."""

_PATIENCE: Final = 30
"""Seconds that requests have to end when the server does, where nobody says how many."""

_READ_WRITE_FOR_ALL: Final = 0o111
"""The mask with which a Unix socket is open to all, as uvicorn leaves it."""


def refuse_what_hypercorn_lacks(options: ServerOptions, quic_bind: str | None) -> None:
    """Raise `CommandError` where something is not installed, or asked for together with what excludes it."""
    if find_spec("hypercorn") is None:
        raise CommandError("--server hypercorn needs hypercorn. Write: pip install 'fasterapi-framework[hypercorn]'")
    if quic_bind is None:
        return
    if find_spec("aioquic") is None:
        raise CommandError("--quic-bind needs aioquic. Write: pip install 'fasterapi-framework[http3]'")
    if options["ssl_certfile"] is None:
        raise CommandError("HTTP/3 is always encrypted. Write --ssl-certfile too.")
    if options["workers"] > 1:
        raise CommandError("--quic-bind takes one worker, for workers would get each other's packets. Leave out --workers.")
    if options["ssl_cert_reqs"]:
        raise CommandError("certificates of clients are not asked for over HTTP/3. Leave out --quic-bind, or --ssl-cert-reqs.")
    if options["ssl_keyfile_password"] is not None:
        raise CommandError("over HTTP/3 the key cannot have a password. Leave out --quic-bind, or use a key without one.")


def serve(
    target: Target, application: object, *, factory: bool, log_config: dict[str, Any] | str, quic_bind: str | None, options: ServerOptions
) -> int:
    """Serve until told to stop; gives the exit code."""
    from hypercorn.run import run

    from fasterapi.cli import serving_worker

    settings = {"log_config": log_config, **{name: value for name, value in options.items() if name in _OF_UVICORN}}
    serving_worker.Served(
        target=target.name,
        folder=str(target.folder.resolve()),
        factory=factory,
        root_path=options["root_path"],
        settings=settings,
    ).announce()
    if options["workers"] == 1:
        serving_worker.here = application
    log = logging.getLogger("uvicorn.error")
    try:
        return NOT_STARTED if run(_config(options, quic_bind)) else CLEAN
    except ExceptionGroup:
        # From the tasks of connections, which it cancels and then answers.
        log.warning("Requests were cut off: they had not ended in time.")
        return CLEAN
    except Exception as error:  # noqa: BLE001 - whatever it is, the server has not started, or has broken down
        log.error("%s", error)  # noqa: TRY400 - says which address, or which step of the lifespan
        return NOT_STARTED


def _config(options: ServerOptions, quic_bind: str | None) -> Config:
    from hypercorn.config import Config

    from fasterapi.cli.serving_worker import APPLICATION, AccessLog

    config = Config()
    config.application_path = APPLICATION
    config.bind = [_address(options)]
    config.umask = _READ_WRITE_FOR_ALL
    config.quic_bind = [] if quic_bind is None else [quic_bind]
    # Without a number of workers it serves in this process.
    config.workers = options["workers"] if options["workers"] > 1 else 0
    config.worker_class = "uvloop" if _takes_uvloop(options["loop"]) else "asyncio"
    config.logger_class = AccessLog
    config.errorlog = logging.getLogger("uvicorn.error")
    config.accesslog = logging.getLogger("uvicorn.access") if options["access_log"] else None
    config.include_server_header = options["server_header"]
    config.include_date_header = options["date_header"]
    config.keep_alive_timeout = options["timeout_keep_alive"]
    config.max_requests = options["limit_max_requests"]
    config.max_requests_jitter = options["limit_max_requests_jitter"]
    config.backlog = options["backlog"]
    config.websocket_max_message_size = options["ws_max_size"]
    if options["timeout_graceful_shutdown"] is not None:
        config.graceful_timeout = options["timeout_graceful_shutdown"]
    elif quic_bind is None:
        # With HTTP/3 hypercorn always takes all the time that it has, and its own 3 seconds are better.
        config.graceful_timeout = _PATIENCE
    if options["ssl_certfile"] is not None:
        _configure_tls(config, options)
    return config


def _configure_tls(config: Config, options: ServerOptions) -> None:
    config.certfile = options["ssl_certfile"]
    config.keyfile = options["ssl_keyfile"] or options["ssl_certfile"]
    config.keyfile_password = options["ssl_keyfile_password"]
    config.ca_certs = options["ssl_ca_certs"]
    config.verify_mode = VerifyMode(options["ssl_cert_reqs"])
    if options["ssl_ciphers"] is not None:
        config.ciphers = options["ssl_ciphers"]


def _address(options: ServerOptions) -> str:
    if options["uds"] is not None:
        return f"unix:{options['uds']}"
    if options["fd"] is not None:
        return f"fd://{options['fd']}"
    return f"{options['host']}:{options['port']}"


def _takes_uvloop(loop: str) -> bool:
    return loop == "uvloop" or (loop == "auto" and find_spec("uvloop") is not None)
