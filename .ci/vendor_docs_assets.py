"""Fetch the built assets of the documentation pages from npm and put them, compressed, where the package serves them from.

    python .ci/vendor_docs_assets.py

The versions stand below. npm checks what it downloads against the registry's own digests.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

ASSETS: Final = Path(__file__).parent.parent / "fasterapi" / "openapi" / "assets"

REDOC_LOGO: Final = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_LOGO: Final = b"data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E"


class Asset(NamedTuple):
    """One file of an npm package, and what it is called here."""

    package: str
    version: str
    path: str
    name: str


FILES: Final = [
    Asset("swagger-ui-dist", "5.35.0", "swagger-ui-bundle.js", "swagger-ui.js"),
    Asset("swagger-ui-dist", "5.35.0", "swagger-ui.css", "swagger-ui.css"),
    Asset("swagger-ui-dist", "5.35.0", "oauth2-redirect.js", "oauth2-redirect.js"),
    Asset("swagger-ui-dist", "5.35.0", "favicon-32x32.png", "favicon.png"),
    Asset("redoc", "2.5.4", "bundles/redoc.standalone.js", "redoc.js"),
    Asset("@scalar/api-reference", "1.72.1", "dist/browser/standalone.js", "scalar.js"),
]

LICENSES: Final = [
    Asset("swagger-ui-dist", "5.35.0", "LICENSE", "swagger-ui.LICENSE"),
    Asset("swagger-ui-dist", "5.35.0", "NOTICE", "swagger-ui.NOTICE"),
    Asset("swagger-ui-dist", "5.35.0", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.third-parties"),
    Asset("redoc", "2.5.4", "LICENSE", "redoc.LICENSE"),
    Asset("redoc", "2.5.4", "bundles/redoc.standalone.js.LICENSE.txt", "redoc.third-parties"),
]
"""Scalar's package carries no license file of its own: scalar.LICENSE is written by hand."""


def fetch(package: str, version: str, folder: Path) -> dict[str, bytes]:
    """The files of a package by their paths in it."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{package}@{version}"]
    archive = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    files = {}
    with tarfile.open(folder / archive) as opened:
        for member in opened.getmembers():
            content = opened.extractfile(member)
            if content is not None:
                files[member.name.removeprefix("package/")] = content.read()
    return files


def compressed(content: bytes) -> bytes:
    """The same bytes for the same content, whenever and wherever."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as writer:
        writer.write(content)
    return buffer.getvalue()


def main() -> None:
    """Fetch, adapt, compress, note."""
    notes = []
    packages: dict[str, dict[str, bytes]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for asset in [*FILES, *LICENSES]:
            if asset.package not in packages:
                packages[asset.package] = fetch(asset.package, asset.version, Path(folder))
        for asset in LICENSES:
            (ASSETS / "licenses" / asset.name).write_bytes(packages[asset.package][asset.path])
        for asset in FILES:
            content = packages[asset.package][asset.path]
            integrity = "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
            if asset.name == "redoc.js":
                # The only picture that it loads from elsewhere.
                assert content.count(REDOC_LOGO) == 1
                content = content.replace(REDOC_LOGO, NO_LOGO)
            (ASSETS / f"{asset.name}.gz").write_bytes(compressed(content))
            notes.append({**asset._asdict(), "integrity": integrity})
    (ASSETS / "versions.json").write_text(json.dumps(notes, indent=2) + "\n")


if __name__ == "__main__":
    main()
