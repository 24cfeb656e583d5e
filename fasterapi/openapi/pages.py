"""Pages that run one script on one document, and say to the browser what they may load."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from html import escape
from typing import Any, Final, final
from urllib.parse import urlsplit

_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://(\*\.)?[A-Za-z0-9.\-_]+(:\d+)?|[a-z]+://\[[0-9A-Fa-f:.]+\](:\d+)?")
_VARIABLE: Final = re.compile(r"^\{[^{}]*\}(?=\.)")
_SCHEMES: Final = ("http:", "https:")
_SETTINGS: Final = "settings"


@final
class Page:
    """A page of the documentation.

    Its scripts carry a nonce, and no other script runs: nothing that a document says can become one. What the page may
    speak to is named by `allow_requests`.
    """

    def __init__(self, title: str) -> None:
        self.nonce: Final = secrets.token_urlsafe(16)
        self._head: Final = [f"<title>{escape(title)}</title>"]
        self._body: Final[list[str]] = []
        self._styles: Final = ["'self'", "'unsafe-inline'"]
        self._images: Final = ["'self'", "data:"]
        self._fonts: Final = ["'self'", "data:"]
        self._requests: Final = ["'self'"]

    def add_icon(self, url: str) -> None:
        """The picture in the browser's tab."""
        self._head.append(f'<link rel="icon" href="{escape(url)}">')
        _allow(self._images, url)

    def add_style(self, url: str, integrity: str = "") -> None:
        """A style sheet."""
        self._head.append(f'<link rel="stylesheet" href="{escape(url)}"{_held_to(integrity)}>')
        _allow(self._styles, url)

    def add_fonts(self, style_url: str, fonts_url: str) -> None:
        """Fonts from elsewhere, by their style sheet."""
        self.add_style(style_url)
        _allow(self._fonts, fonts_url)

    def add_html(self, html: str) -> None:
        """HTML that holds nothing that users wrote."""
        self._body.append(html)

    def add_settings(self, settings: dict[str, Any]) -> None:
        """What the script reads; it stands in the page as data."""
        self._body.append(f'<script type="application/json" id="{_SETTINGS}">{json_for_html(settings)}</script>')

    def add_script(self, url: str, integrity: str = "") -> None:
        """A script by its URL."""
        self._body.append(f'<script nonce="{self.nonce}" src="{escape(url)}"{_held_to(integrity)}></script>')

    def add_code(self, code: str) -> None:
        """A script of ours; `settings` are at hand in it."""
        read = f'const settings = JSON.parse(document.getElementById("{_SETTINGS}").textContent);'
        self.add_plain_code(f"{read}\n{code}")

    def add_plain_code(self, code: str) -> None:
        """A script as it is, which must hold nothing that users wrote."""
        self._body.append(f'<script nonce="{self.nonce}">\n{code}\n</script>')

    def allow_requests(self, urls: Iterable[str]) -> None:
        """Let the page's script speak to the hosts of these URLs too."""
        for url in urls:
            _allow(self._requests, url)

    def policy(self, *, in_header: bool) -> str:
        """The Content-Security-Policy; what only a header can say is left out of the one in the page."""
        rules = {
            "default-src": ["'none'"],
            "script-src": [f"'nonce-{self.nonce}'"],
            "style-src": self._styles,
            "img-src": self._images,
            "font-src": self._fonts,
            "connect-src": self._requests,
            "worker-src": ["blob:"],
            "base-uri": ["'none'"],
            "form-action": ["'none'"],
        }
        if in_header:
            rules["frame-ancestors"] = ["'self'"]
        return "; ".join([f"{name} {' '.join(values)}" for name, values in rules.items()])

    def headers(self) -> dict[str, str]:
        """The headers to send it with."""
        return {
            "Content-Security-Policy": self.policy(in_header=True),
            # The nonce is good for once.
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }

    def html(self, *, with_policy: bool = False) -> str:
        """The page, with its policy inside where no header will carry it."""
        policy = self.policy(in_header=False)
        meta = [f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'] if with_policy else []
        head = ['<meta charset="utf-8">', '<meta name="viewport" content="width=device-width, initial-scale=1">', *meta, *self._head]
        return "\n".join(["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *self._body, "</body>", "</html>\n"])


def json_for_html(value: object) -> str:
    """JSON in which nothing can end the element that it stands in."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _held_to(integrity: str) -> str:
    return f' integrity="{escape(integrity)}" crossorigin="anonymous"' if integrity else ""


def _allow(sources: list[str], url: str) -> None:
    """Add what a policy calls the host of a URL; a URL without one is on this server. A scheme alone stands for all its hosts."""
    if url in _SCHEMES and url not in sources:
        sources.append(url)
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if not parts.netloc:
        return
    origin = f"{parts.scheme or 'https'}://{_VARIABLE.sub('*', parts.netloc.rpartition('@')[2])}"
    if _ORIGIN.fullmatch(origin) and origin not in sources:
        sources.append(origin)
