"""The page that shows a developer what was raised, and where; for eyes on the same machine only."""

from __future__ import annotations

import traceback
from html import escape
from ipaddress import ip_address
from typing import Final

from fasterapi.http.exchange import Exchange
from fasterapi.http.responses import HTMLResponse, PlainTextResponse, Response

_LINES_AROUND: Final = 5

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1c1c1c; background: #fff }}
h1 {{ font-size: 1.4rem; margin: 0 }}
p {{ white-space: pre-wrap }}
summary {{ cursor: pointer; padding: .3rem 0 }}
pre {{ background: #f4f4f4; margin: 0; overflow-x: auto; padding: .6rem }}
mark {{ background: #ffe08a; display: block }}
.cause {{ border-top: 1px solid #ccc; margin-top: 1.5rem; padding-top: 1rem }}
</style>
</head>
<body>
<h1>{heading}</h1>
<p>{request}</p>
{body}
</body>
</html>
"""


def debug_response(exchange: Exchange, error: BaseException) -> Response | None:
    """The traceback as a page, or as text for clients that want no page; `None` for clients on other machines."""
    if not _is_near(exchange):
        return None
    told = traceback.TracebackException.from_exception(error)
    if b"text/html" not in (exchange.header(b"accept") or b""):
        return PlainTextResponse("".join(told.format()), 500)
    name = type(error).__name__
    page = _PAGE.format(
        title=escape(name),
        heading=escape(f"{name}: {error}"),
        request=escape(f"{exchange.method} {exchange.full_path()}"),
        body="".join(_told(told)),
    )
    response = HTMLResponse(page, 500)
    # Whatever the page shows, nothing in it may run or load anything.
    response.headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


def _is_near(exchange: Exchange) -> bool:
    client = exchange.client()
    if client is None:
        # A Unix socket, or a test.
        return True
    try:
        return ip_address(client[0]).is_loopback
    except ValueError:
        return client[0] in ("localhost", "testclient")


def _told(told: traceback.TracebackException) -> list[str]:
    parts = [_frames(told)]
    earlier = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
    while earlier is not None:
        what = "".join(earlier.format_exception_only())
        parts.append(f'<div class="cause"><h1>Before that: {escape(what)}</h1>{_frames(earlier)}</div>')
        earlier = earlier.__cause__ or (None if earlier.__suppress_context__ else earlier.__context__)
    return parts


def _frames(told: traceback.TracebackException) -> str:
    shown: list[str] = []
    last = len(told.stack) - 1
    for index, frame in enumerate(told.stack):
        where = escape(f"{frame.filename}, line {frame.lineno}, in {frame.name}")
        opened = " open" if index == last else ""
        shown.append(f"<details{opened}><summary>{where}</summary><pre>{_source(frame)}</pre></details>")
    return "".join(shown)


def _source(frame: traceback.FrameSummary) -> str:
    """The lines around the one that was running; a file that is not there any more shows none."""
    import linecache

    number = frame.lineno or 1
    lines: list[str] = []
    for current in range(max(1, number - _LINES_AROUND), number + _LINES_AROUND + 1):
        line = linecache.getline(frame.filename, current).rstrip("\n")
        text = escape(f"{current:5}  {line}")
        lines.append(f"<mark>{text}</mark>" if current == number else text + "\n")
    return "".join(lines)
