"""What `fasterapi http` shows of a response."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Final

import click
import msgspec

from fasterapi.cli.exits import CommandError
from fasterapi.client.errors import FastHTTPError
from fasterapi.client.response import Response

OUTPUTS: Final = ("status", "headers", "json", "text", "all")

_TOKEN: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>\b(?:true|false|null)\b)|(?P<number>-?\d[\d.eE+-]*)'
)
_COLOURS: Final = {"key": "cyan", "text": "green", "word": "magenta", "number": "yellow"}
# What a terminal takes for commands, it must not get from a server.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def show(response: Response, output: str) -> None:
    """Show a part of a response, or all of it."""
    if output == "status":
        click.echo(_status(response))
    elif output == "headers":
        click.echo(_headers(response))
    elif output == "json":
        click.echo(_json(response))
    elif output == "text":
        click.echo(printable(response.text))
    else:
        body = _body(response)
        milliseconds = response.elapsed.total_seconds() * 1000
        click.echo(f"Status: {_status(response)}\nElapsed: {milliseconds:.2f}ms\nHeaders:\n{_headers(response)}\nBody:\n{body}")


def write(response: Response, path: Path) -> None:
    """Write the body to a file."""
    try:
        path.write_bytes(response.content)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}. Name a file in a folder of yours.") from error


def printable(text: str) -> str:
    """A text of elsewhere, without what a terminal would obey."""
    return _CONTROLS.sub("\ufffd", text)


def highlighted(json: str) -> str:
    """JSON with colours, which click leaves out where nobody would see them."""
    return _TOKEN.sub(_coloured, json)


def _coloured(found: re.Match[str]) -> str:
    return click.style(found.group(), fg=_COLOURS[str(found.lastgroup)])


def _status(response: Response) -> str:
    return click.style(f"{response.status_code} {printable(response.reason)}".rstrip(), fg="green" if response.ok else "red")


def _headers(response: Response) -> str:
    return "\n".join([f"{click.style(name, fg='cyan')}: {printable(value)}" for name, value in response.headers.items()])


def _json(response: Response) -> str:
    encoded = msgspec.json.encode(response.json())
    return highlighted(printable(msgspec.json.format(encoded, indent=2).decode()))


def _body(response: Response) -> str:
    """The body as what it is said to be, where it is that."""
    if _is_json(response):
        with suppress(FastHTTPError):
            return _json(response)
    return printable(response.text)


def _is_json(response: Response) -> bool:
    return response.content_type == "application/json" or response.content_type.endswith("+json")
