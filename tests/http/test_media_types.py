from __future__ import annotations

import mimetypes

import pytest

from fasterapi.http.media_types import media_type_of


@pytest.mark.parametrize(
    ("filename", "media_type"),
    [
        ("index.html", "text/html"),
        ("INDEX.HTML", "text/html"),
        ("/a/b.c/app.css", "text/css"),
        ("photo.jpeg", "image/jpeg"),
        ("data.json", "application/json"),
        ("README", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_a_name_says_the_type(filename: str, media_type: str) -> None:
    assert media_type_of(filename) == media_type


@pytest.mark.parametrize(
    ("filename", "media_type"),
    [("a.tar.gz", "application/gzip"), ("a.json.br", "application/x-brotli"), ("a.txt.xz", "application/x-xz")],
)
def test_what_is_packed_has_the_type_of_its_packing(filename: str, media_type: str) -> None:
    assert media_type_of(filename) == media_type


def test_the_application_can_add_types() -> None:
    mimetypes.add_type("application/x-of-ours", ".of-ours")
    assert media_type_of("a.of-ours") == "application/x-of-ours"
