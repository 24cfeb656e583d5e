"""What servers pack bodies with is undone, within limits."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Final

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.client import AsyncSession, FastHTTPConnectionError, FastHTTPLimitError, Limits
from fasterapi.client.decoding import BodyDecoder
from tests.client.sites import LOCAL, Site

Pack = Callable[[bytes], bytes]

PACKERS: Final[dict[str, Pack]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda body: brotli.compress(body, quality=1),
    "zstd": zstandard.ZstdCompressor().compress,
}
MEGABYTES: Final = 30
TEXT: Final = b"".join([b'{"number": %d},' % (number * 7919 % 10007) for number in range(20_000)])

each_coding: Final = pytest.mark.parametrize("coding", PACKERS)


def unpacked(codings: list[str], packed: bytes, size: int = 1000, limit: int = 0) -> bytes:
    decoder = BodyDecoder(codings, limit, 200)
    pieces = [piece for begin in range(0, len(packed), size) for piece in decoder.decode(packed[begin : begin + size])]
    decoder.finish()
    return b"".join(pieces)


async def test_all_codings_are_asked_for(site: Site, session: AsyncSession) -> None:
    await session.get("/x")
    assert site.last.headers["accept-encoding"] == "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", brotli.compress(TEXT)),
        ("zstd", zstandard.ZstdCompressor().compress(TEXT)),
        ("br, gzip", gzip.compress(brotli.compress(TEXT))),
        ("zstd", zstandard.ZstdCompressor().compress(TEXT[:9]) + zstandard.ZstdCompressor().compress(TEXT[9:])),
    ],
)
async def test_packed_bodies_are_unpacked(site: Site, session: AsyncSession, coding: str, body: bytes) -> None:
    site.answer("/x", body, headers={"Content-Encoding": coding})
    assert (await session.get("/x")).content == TEXT
    async with session.stream("GET", "/x") as response:
        assert b"".join([piece async for piece in response.aiter_bytes()]) == TEXT


@pytest.mark.parametrize("coding", ["br", "zstd"])
@given(body=st.binary(max_size=3000), size=st.integers(1, 200))
def test_pieces_may_end_anywhere(coding: str, body: bytes, size: int) -> None:
    assert unpacked([coding], PACKERS[coding](body), size) == body


@each_coding
def test_a_body_that_was_cut_off_is_noticed(coding: str) -> None:
    with pytest.raises(FastHTTPConnectionError, match="ended in the middle"):
        unpacked([coding], PACKERS[coding](TEXT)[:-5])


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_body_that_is_packed_otherwise_is_noticed(coding: str) -> None:
    with pytest.raises(FastHTTPConnectionError, match="not packed as"):
        unpacked([coding], b"not packed at all, but long enough to be noticed")


@each_coding
async def test_bombs_are_noticed(site: Site, session: AsyncSession, coding: str) -> None:
    site.answer("/x", PACKERS[coding](bytes(MEGABYTES * 1_000_000)), headers={"Content-Encoding": coding})
    with pytest.raises(FastHTTPLimitError, match="bomb"):
        await session.get("/x")


@each_coding
def test_no_piece_of_a_bomb_is_large(coding: str) -> None:
    decoder = BodyDecoder([coding], 0, sys.maxsize)
    pieces = decoder.decode(PACKERS[coding](bytes(MEGABYTES * 1_000_000)))
    assert sum(map(len, pieces)) == MEGABYTES * 1_000_000
    assert max(map(len, pieces)) <= 4_000_000


@each_coding
async def test_bodies_beyond_the_limit_are_refused(site: Site, coding: str) -> None:
    site.answer("/x", PACKERS[coding](TEXT), headers={"Content-Encoding": coding})
    async with AsyncSession(base_url=site.url(), security=LOCAL, limits=Limits(max_response_bytes=len(TEXT) - 1)) as session:
        with pytest.raises(FastHTTPLimitError, match="larger than"):
            await session.get("/x")


def test_padding_counts_as_well() -> None:
    with pytest.raises(FastHTTPLimitError, match="larger than"):
        unpacked(["gzip"], gzip.compress(b"short") + bytes(100_000), limit=10_000)


def test_a_bomb_within_another_coding_is_noticed() -> None:
    padding = gzip.compress(b"short") + bytes(MEGABYTES * 1_000_000)
    with pytest.raises(FastHTTPLimitError, match="bomb"):
        unpacked(["gzip", "gzip"], gzip.compress(padding))


def test_windows_beyond_what_is_agreed_are_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=24, compression_level=1)
    packed = zstandard.ZstdCompressor(compression_params=parameters).compress(bytes(range(256)) * 100_000)
    with pytest.raises(FastHTTPConnectionError, match="memory"):
        unpacked(["zstd"], packed)


def test_nothing_is_asked_for_that_could_not_be_undone() -> None:
    program = """
import sys, types
# A brotli before 1.2, whose steps have no bounds, and no Zstandard.
old = types.SimpleNamespace(Decompressor=object, __spec__=types.SimpleNamespace())
sys.modules.update(brotli=old, zstandard=None)
from fasterapi.client.codings import accepted_codings
print(accepted_codings().decode())
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert answer.stdout.strip() == "gzip, deflate", answer.stderr
