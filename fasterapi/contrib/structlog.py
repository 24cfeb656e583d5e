"""Logs with structlog: one stream for what the application, its libraries and the server say, each line with its request."""

# Interpreted, as all of this folder.

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, cast

from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.contrib.asgi_compat import route_template
from fasterapi.contrib.request_id import request_id

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

_SERVER_LOGGERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "hypercorn", "hypercorn.error", "hypercorn.access")
_LEVELS: Final = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
_HEADS: Final = ("http.response.start", "websocket.http.response.start")
_LOGGER: Final = "fasterapi.requests"

# C0 and C1 controls, the separators that some readers break lines at, and what reorders or hides text in terminals (CVE-2021-42574).
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_TRACEBACKS: Final = ("exception", "stack")


def configure_structlog(*, json_format: bool = False, log_level: str | int = "INFO") -> None:
    r"""Write all logs to standard error in one form: lines for people, or with `json_format` one JSON object a line.

    Example:
        configure_structlog(json_format=True, log_level="INFO")
        logger = structlog.get_logger()
        logger.info("paid", amount=12)  # {"amount": 12, "event": "paid", "request_id": "…", "level": "info", …}

    It covers structlog's loggers and those of `logging`, the server's among them. Within a request each line has its `request_id` and what
    `structlog.contextvars.bind_contextvars(...)` added. Control characters are escaped, so that nobody can forge a line: a line break
    in a value is `\n`, and tracebacks are indented. Calling it again replaces what the call before has set up.
    """
    level = _level(log_level)
    structlog = _import_structlog("configure_structlog")
    plain_tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_request_id,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    last: list[Processor] = (
        # Without the local variables of tracebacks: passwords and tokens stand in them.
        [structlog.processors.ExceptionRenderer(plain_tracebacks), structlog.processors.JSONRenderer(default=_shown)]
        if json_format
        else [
            structlog.processors.format_exc_info,
            escape_control_characters,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0),
        ]
    )
    handler = _Handler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _without_colour, *last],
        )
    )
    root = logging.getLogger()
    for old in [found for found in root.handlers if isinstance(found, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    _take_server_logs_over()


class RequestLogMiddleware:
    """Logs each request when it is answered: its method, path, route, status, duration and client.

    Example: `app.add_middleware(RequestLogMiddleware)`, before `RequestIDMiddleware` is added, which then stands around it.

    What handlers log meanwhile has the method and the path, too. The route is its template, `/users/{user_id}`; None where no route
    fits. A status of None is a client that left before it was answered. What nobody handled is logged with the status 500 and the
    name of its class, and raised again: its traceback is logged by who answers it. `exclude_paths` names paths that are not worth a line.
    """

    def __init__(self, app: ASGIApp, *, exclude_paths: Sequence[str] = ()) -> None:
        if isinstance(exclude_paths, str):
            raise TypeError(f"exclude_paths is a list: write [{exclude_paths!r}].")
        structlog = _import_structlog("RequestLogMiddleware")
        self.app = app
        self.exclude_paths: frozenset[str] = frozenset(exclude_paths)
        self._logger: FilteringBoundLogger = structlog.stdlib.get_logger(_LOGGER)
        self._bound = structlog.contextvars.bound_contextvars

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered, and log it."""
        if scope["type"] == "lifespan" and any(isinstance(handler, _Handler) for handler in logging.getLogger().handlers):
            # Again: servers that had the application imported before they configured their own logs have taken them back.
            _take_server_logs_over()
        if scope["type"] != "http" or scope["path"] in self.exclude_paths:
            await self.app(scope, receive, send)
            return
        status: int | None = None

        async def send_noting(message: Mapping[str, Any]) -> None:
            nonlocal status
            if message["type"] in _HEADS:
                status = message["status"]
            await send(message)

        start = perf_counter()
        failure: str | None = None
        with self._bound(method=scope["method"], path=scope["path"]):
            try:
                await self.app(scope, receive, send_noting)
            except BaseException as error:
                failure = type(error).__name__
                if status is None and isinstance(error, Exception):
                    status = 500
                raise
            finally:
                # After an exception, too: how long it took is wanted most where something went wrong.
                self._log(scope, status, perf_counter() - start, failure)

    def _log(self, scope: Scope, status: int | None, seconds: float, failure: str | None) -> None:
        client = scope.get("client")
        said: dict[str, object] = {
            "route": route_template(scope),
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
            "client": None if client is None else client[0],
        }
        if failure is not None:
            said["error"] = failure
        level = logging.ERROR if status is not None and status >= 500 else logging.INFO
        self._logger.log(level, "request", **said)


def add_request_id(logger: WrappedLogger, method_name: str, event_dict: EventDict) -> EventDict:  # noqa: ARG001 - structlog's signature
    """A structlog processor that adds the `request_id`, where there is one: for configurations of your own."""
    name = request_id()
    if name is not None:
        event_dict.setdefault("request_id", name)
    return event_dict


def escape_control_characters(logger: WrappedLogger, method_name: str, event_dict: EventDict) -> EventDict:  # noqa: ARG001 - as above
    r"""A structlog processor that writes control characters as `\n` and `\x1b`, and indents tracebacks: for configurations of your own."""
    return {_escaped(key): _safe(key, value) for key, value in event_dict.items()}


class _Handler(logging.StreamHandler[Any]):
    """Our handler of the root logger, which the next configuration finds again."""


def _take_server_logs_over() -> None:
    for name in _SERVER_LOGGERS:
        logger = logging.getLogger(name)
        # So uvicorn leaves the logger of an access log that nobody wants: `--no-access-log`.
        if logger.handlers or logger.propagate:
            logger.handlers.clear()
            logger.propagate = True


def _safe(key: str, value: object) -> object:
    if key in _TRACEBACKS and isinstance(value, str):
        return "\n".join(f"    {_escaped(line)}" for line in value.split("\n"))
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _escaped(value if isinstance(value, str) else repr(value))


def _escaped(text: str) -> str:
    return _UNSAFE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape", "surrogatepass").decode("ascii")


def _shown(value: object) -> str:
    """A value that JSON does not hold."""
    return repr(value)


def _without_colour(logger: WrappedLogger, method_name: str, event_dict: MutableMapping[str, Any]) -> EventDict:  # noqa: ARG001 - as above
    """Drop uvicorn's second copy of each message, which is the first with colours."""
    event_dict.pop("color_message", None)
    return event_dict


def _level(log_level: str | int) -> int:
    if isinstance(log_level, int):
        return log_level
    if log_level.upper() not in _LEVELS:
        raise ValueError(f"log_level={log_level!r}: write one of {', '.join(_LEVELS)}.")
    return cast(int, getattr(logging, log_level.upper()))


def _import_structlog(who: str) -> Any:
    try:
        import structlog
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"{who} needs structlog: pip install 'fasterapi-framework[structlog]'", name=missing.name) from missing
    return structlog
