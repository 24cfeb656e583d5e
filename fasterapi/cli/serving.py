"""`fasterapi run` and `fasterapi dev`: uvicorn with the protocol of ours, or hypercorn."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import logging
import logging.config
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import click
import uvicorn
from typing_extensions import Unpack

from fasterapi._compat import COMPILED
from fasterapi.app import Faster
from fasterapi.check.application import load_object
from fasterapi.cli.command import applications_options, command, option, wants_traceback
from fasterapi.cli.development import FACTORY, Development
from fasterapi.cli.discovery import Target, find_target
from fasterapi.cli.exits import CLEAN, NOT_STARTED, CommandError
from fasterapi.cli.graph_mistakes import mistakes_listed
from fasterapi.cli.server_log import log_config
from fasterapi.cli.serving_checks import refuse_log_config, refuse_what_cannot_be_used
from fasterapi.cli.serving_hypercorn import refuse_what_hypercorn_lacks
from fasterapi.cli.serving_hypercorn import serve as serve_with_hypercorn
from fasterapi.cli.serving_options import (
    LOG_LEVELS,
    ServerOptions,
    address_options,
    choice_of_server,
    refuse_contradictions,
    refuse_options_of_the_other,
    server_options,
)

_PROTOCOL = "fasterapi.server:HttpProtocol"


@command("run")
@applications_options
@address_options("0.0.0.0")  # noqa: S104 - as `fastapi run`: a server in production is there to be reached
@choice_of_server
@server_options
@option("--log-format", group="Logs", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How lines look.")
@option("--log-config", "config_file", group="Logs", type=click.Path(exists=True, dir_okay=False), help="A configuration of your own.")
def run(
    app: str | None,
    factory: bool,
    app_dir: str,
    server: str,
    quic_bind: str | None,
    log_format: str,
    config_file: str | None,
    **options: Unpack[ServerOptions],
) -> int:
    """Serve an application in production: with uvicorn, the compiled HTTP protocol, and uvloop where it is installed.

    APP is module:app, a module or a file; without it the usual places are looked at.
    """
    refuse_options_of_the_other(server, click.get_current_context())
    refuse_contradictions(options)
    if server == "hypercorn":
        refuse_what_hypercorn_lacks(options, quic_bind)
    refuse_what_cannot_be_used(options)
    if config_file is not None:
        refuse_log_config(config_file)
    target = find_target(app, Path(app_dir), factory=factory)
    application = _startable(target, factory=factory)
    config = config_file or log_config(log_format, colours=_colours())
    _tell(target, config, options["log_level"], "compiled" if COMPILED else "interpreted")
    if server == "hypercorn":
        return serve_with_hypercorn(target, application, factory=factory, log_config=config, quic_bind=quic_bind, options=options)
    # Workers import it themselves.
    is_shared = options["workers"] > 1
    served: Any = target.name if is_shared else application
    return _serve(served, factory=factory and is_shared, log_config=config, **options)


@command("dev")
@applications_options
@address_options("127.0.0.1")
@option("--root-path", group="Server", default="", help="The path that a proxy takes away before it asks the application.")
@option("--log-level", group="Logs", type=click.Choice(LOG_LEVELS), default="info", show_default=True, help="What is worth a line.")
@option(
    "--reload-dir",
    "reload_dirs",
    group="Reload",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help="A folder to watch, as often as needed; that of the application unless said.",
)
@option("--reload-include", "reload_includes", group="Reload", multiple=True, metavar="GLOB", help="Files to watch beside *.py.")
@option("--reload-exclude", "reload_excludes", group="Reload", multiple=True, metavar="GLOB", help="Files and folders to pass over.")
def dev(
    app: str | None,
    factory: bool,
    app_dir: str,
    host: str,
    port: int,
    root_path: str,
    log_level: str,
    reload_dirs: tuple[str, ...],
    reload_includes: tuple[str, ...],
    reload_excludes: tuple[str, ...],
) -> int:
    """Serve an application while you write it, and again after each change, from its interpreted sources, with its debug page on.

    APP is module:app, a module or a file; without it the usual places are looked at.
    """
    target = find_target(app, Path(app_dir), factory=factory)
    config = log_config("text", colours=_colours())
    _tell(target, config, log_level, "interpreted")
    if find_spec("watchfiles") is None:
        click.echo("Changes are noticed sooner with watchfiles: pip install 'fasterapi-framework[cli]'", err=True)
    shown_host = f"[{host}]" if ":" in host else host
    development = Development(
        target=target.name,
        folder=str(target.folder.resolve()),
        factory=factory,
        address=f"http://{shown_host}:{port}{root_path}" if port else "",
        with_traceback=wants_traceback(click.get_current_context()),
    )
    development.announce()
    # For the processes to come; this one only watches.
    os.environ["FASTERAPI_PURE"] = "1"
    return _serve(
        FACTORY,
        factory=True,
        http=_PROTOCOL,
        host=host,
        port=port,
        root_path=root_path,
        log_level=log_level,
        log_config=config,
        reload=True,
        reload_dirs=list(reload_dirs) or [str(target.folder)],
        reload_includes=list(reload_includes),
        reload_excludes=list(reload_excludes),
    )


def _serve(application: Any, **settings: Any) -> int:
    try:
        uvicorn.run(application, **settings)
    except SystemExit as end:
        # Whatever number uvicorn has for it: its log says what happened.
        return NOT_STARTED if end.code else CLEAN
    return CLEAN


def _startable(target: Target, *, factory: bool) -> object:
    """The application, imported here, so that what keeps it from starting is told once and not by each worker."""
    found = load_object(target.name, target.folder, factory=factory)
    if not callable(found):
        raise CommandError(f"{target.name} is no application, but of type {type(found).__name__}. Write the name of a Faster() object.")
    if isinstance(found, Faster):
        with mistakes_listed(target.name):
            found.compile()
    return cast("object", found)


def _colours() -> bool | None:
    """Whether to use colours, where the environment says so; https://no-color.org."""
    return False if os.environ.get("NO_COLOR") else None


def _tell(target: Target, config: dict[str, Any] | str, level: str, build: str) -> None:
    """Say what was found, in the log that the server is about to use."""
    found = f" ({target.origin})" if target.origin else ""
    if isinstance(config, str):
        click.echo(f"Serving {target.name}{found}, {build}", err=True)
        return
    logging.config.dictConfig(config)
    if LOG_LEVELS.index(level) >= LOG_LEVELS.index("info"):
        logging.getLogger("uvicorn.error").info("Serving %s%s, %s", target.name, found, build)
