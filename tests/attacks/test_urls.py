"""Hosts and paths that are meant to bend what is built of them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.server.servers import Client

Connect = Callable[[], Client]


def get(client: Client, target: bytes, *headers: bytes) -> tuple[int, bytes]:
    client.send(b"\r\n".join([b"GET " + target + b" HTTP/1.1", *(headers or (b"Host: example.org",)), b"Connection: close", b"", b""]))
    answer = client.answer()
    return answer.status, answer.body


@pytest.mark.parametrize("host", [b"evil/", b"evil?", b"evil#", b"user@evil", b"evil\\", b"evil/x?y=", b"[::1", b"evil:port", b"a b"])
def test_a_bad_host_never_changes_the_path_of_a_url(connect: Connect, host: bytes) -> None:
    status, body = get(connect(), b"/url/admin", b"Host: " + host)
    assert status == 400 or json.loads(body) == {"path": "/url/admin", "host": "127.0.0.1", "base": json.loads(body)["base"]}


@pytest.mark.parametrize("target", [b"//evil.example/url/x", b"http://evil.example/url/x", b"/url//evil.example", b"/url/@evil.example"])
def test_a_path_never_changes_the_host_of_a_url(connect: Connect, target: bytes) -> None:
    status, body = get(connect(), target)
    assert status == 404 or json.loads(body)["host"] == "example.org"


def test_two_hosts_are_refused(connect: Connect) -> None:
    assert get(connect(), b"/url/x", b"Host: a", b"Host: b")[0] == 400


@pytest.mark.parametrize("target", [b"//evil.example/", b"//evil.example", b"/%2Fevil.example/", b"/\\evil.example/"])
def test_redirects_between_slashes_never_lead_to_another_host(connect: Connect, target: bytes) -> None:
    client = connect()
    client.send(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    location = client.answer().headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


@pytest.mark.parametrize("method", [b"__class__", b"HANDLE", b"get", b"_private"])
def test_a_method_is_never_the_name_of_an_attribute(connect: Connect, method: bytes) -> None:
    client = connect()
    client.send(method + b" /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert client.answer().status in (400, 405)
