"""The scripts and styles of the documentation pages: those that come with the package, and the same ones at a CDN."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final, final

from msgspec.json import decode

CDN: Final = "https://cdn.jsdelivr.net/npm"

_FOLDER: Final = Path(__file__).parent / "assets"


@final
class Asset:
    """One file: `swagger-ui.js`, `swagger-ui.css`, `oauth2-redirect.js`, `favicon.png`, `redoc.js`, `scalar.js`."""

    def __init__(self, package: str, version: str, path: str, name: str, integrity: str) -> None:
        self.name: Final = name
        stem, dot, suffix = name.rpartition(".")
        self.file_name: Final = f"{stem}-{version}{dot}{suffix}"
        """The name with the version, so that what a browser keeps of it never goes stale."""
        self.cdn_url: Final = f"{CDN}/{package}@{version}/{path}"
        self.integrity: Final = integrity
        """What a browser holds the file of the CDN to (Subresource Integrity)."""

    def compressed(self) -> bytes:
        """The content, in gzip."""
        return (_FOLDER / f"{self.name}.gz").read_bytes()

    def content(self) -> bytes:
        """The content."""
        return gzip.decompress(self.compressed())


ASSETS: Final[dict[str, Asset]] = {
    noted["name"]: Asset(**noted) for noted in decode((_FOLDER / "versions.json").read_bytes(), type=list[dict[str, str]])
}
"""All of them, by name."""
