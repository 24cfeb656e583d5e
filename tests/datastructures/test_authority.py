from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.datastructures.authority import request_authority

SERVER = ("server.example", 8000)


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "example.com:80",
        "EXAMPLE.com:08000",
        "127.0.0.1:8000",
        "[::1]",
        "[::1]:8000",
        "[::ffff:1.2.3.4]",
        "xn--bcher-kva.example",
        "my_service",
        "a%20b",
        "localhost:65535",
    ],
)
def test_a_host_is_believed(host: str) -> None:
    assert request_authority([(b"accept", b"*/*"), (b"host", host.encode())], "http", SERVER) == host


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "a b",
        "example.com/path",
        "example.com?query",
        "example.com#fragment",
        "user@example.com",
        "example.com\\x",
        "example.com\0",
        "example.com\t",
        "example.com:",
        "example.com:x",
        "example.com:+1",
        "example.com:65536",
        "example.com:99999999999999999999",
        "example.com:80:80",
        ":80",
        "a,b@c",
        "[::1",
        "::1]",
        "[::1]x",
        "x[::1]",
        "[::1%eth0]",
        "[example]",
        "[]",
        "[v1.x]",
        "<script>",
        "b\xfccher.example",
        "example.com:\xb2",
    ],
)
def test_what_is_no_host_is_not_believed(host: str) -> None:
    assert request_authority([(b"host", host.encode("latin-1"))], "http", SERVER) == "server.example:8000"


def test_two_hosts_are_none() -> None:
    assert request_authority([(b"host", b"a.example"), (b"host", b"b.example")], "http", SERVER) == "server.example:8000"


@pytest.mark.parametrize(
    ("scheme", "server", "authority"),
    [
        ("http", ("s", 80), "s"),
        ("https", ("s", 443), "s"),
        ("ws", ("s", 80), "s"),
        ("wss", ("s", 443), "s"),
        ("https", ("s", 80), "s:80"),
        ("other", ("s", 80), "s:80"),
        ("http", ("::1", 8000), "[::1]:8000"),
        ("http", ("[::1]", 80), "[::1]"),
        ("http", ("/run/app.sock", None), ""),
        ("http", ("app.sock", None), ""),
        ("http", None, ""),
    ],
)
def test_the_server_has_a_name_of_its_own(scheme: str, server: tuple[str, int | None] | None, authority: str) -> None:
    assert request_authority([], scheme, server) == authority


@given(st.binary(max_size=20))
def test_whatever_is_believed_has_nothing_that_bends_a_url(host: bytes) -> None:
    authority = request_authority([(b"host", host)], "http", None)
    assert authority.isascii()
    assert authority.isprintable() or not authority
    assert not set(authority) & set('/?#@\\ "<>')
