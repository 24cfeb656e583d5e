"""The style sheets and scripts that an HTML page names."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TypedDict
from urllib.parse import urljoin


class Assets(TypedDict):
    """URLs, in the order of the page, each once."""

    css: list[str]
    js: list[str]


class _AssetParser(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._base = url
        self.assets: Assets = {"css": [], "js": []}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag names."""
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and given.get("href"):
            self._base = urljoin(self._base, given["href"])
        elif tag == "script" and given.get("src"):
            self._note(self.assets["js"], given["src"])
        elif tag == "link" and given.get("href") and "stylesheet" in given.get("rel", "").lower().split():
            self._note(self.assets["css"], given["href"])

    def _note(self, urls: list[str], reference: str) -> None:
        try:
            url = urljoin(self._base, reference.strip())
        except ValueError:
            return
        if url not in urls:
            urls.append(url)


def find_assets(html: str, url: str) -> Assets:
    """The assets of a page that came from `url`."""
    parser = _AssetParser(url)
    parser.feed(html)
    parser.close()
    return parser.assets
