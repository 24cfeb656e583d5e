"""What a server logs, as text or as JSON lines."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import logging
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final, final

import msgspec
from typing_extensions import override
from uvicorn.config import LOGGING_CONFIG

_ACCESS_LOGGER: Final = "uvicorn.access"


def log_config(form: str, *, colours: bool | None) -> dict[str, Any]:
    """The configuration for `text` or `json`; without a word on colours terminals get them."""
    config = deepcopy(LOGGING_CONFIG)
    if form == "json":
        config["formatters"] = {name: {"()": f"{__name__}.{JsonFormatter.__name__}"} for name in config["formatters"]}
    else:
        for formatter in config["formatters"].values():
            formatter["use_colors"] = colours
    return config


@final
class JsonFormatter(logging.Formatter):
    """One object a line: `time`, `level`, `logger`, `message`, the parts of a request, and `exception` with its traceback."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.name == _ACCESS_LOGGER and isinstance(record.args, tuple) and len(record.args) == 5:
            names = ("client", "method", "target", "http_version", "status")
            line.update(zip(names, record.args, strict=True))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()
