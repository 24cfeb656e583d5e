from __future__ import annotations

import pytest

from fasterapi.middleware.accept_encoding import accepts_gzip


@pytest.mark.parametrize(
    "value",
    [
        b"gzip",
        b"GZip",
        b"x-gzip",
        b"deflate, gzip;q=0.001, br",
        b"gzip ; q=1.000",
        b"gzip;Q=0.5",
        b"gzip; q = 0.5",
        b"*",
        b"br, *;q=0.1",
        b"*;q=0, gzip",
        b"identity;q=0, gzip;q=0.1",
        b" , ,gzip",
    ],
)
def test_gzip_is_accepted(value: bytes) -> None:
    assert accepts_gzip(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"identity",
        b"gzip;q=0",
        b"gzip;q=0.000",
        b"gzip;q=0, *",
        b"*;q=0",
        b"gzipped",
        b"not-gzip",
        b"br;gzip",
        b"gzip;q=",
        b"gzip;q=x",
        b"gzip;q=-1",
        b"gzip;q=2",
        b"gzip;q=0.0001",
        b"gzip;level=9",
    ],
)
def test_gzip_is_not_accepted(value: bytes | None) -> None:
    assert not accepts_gzip(value)
