"""What both kinds of forms have in common."""

from __future__ import annotations

import pytest

from fasterapi.http.forms import read_form
from fasterapi.http.forms_data import FormData
from fasterapi.http.forms_limits import FormFault, FormLimits
from tests.http.requests import cut_off, exchange

URLENCODED = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data; boundary=B"
PART = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--\r\n'


def of_type(content_type: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", content_type)]


@pytest.mark.parametrize(("content_type", "body"), [(URLENCODED, b"a=1"), (MULTIPART, PART), (b"Multipart/Form-Data ;Boundary=B", PART)])
async def test_a_form_is_read(content_type: bytes, body: bytes) -> None:
    assert await read_form(exchange(body, headers=of_type(content_type)), FormLimits()) == FormData({"a": "1"})


@pytest.mark.parametrize(
    "content_type", [b"application/json", b"text/plain", b"multipart/mixed; boundary=B", b"", b"multipart/form-data,x"]
)
async def test_another_body_is_an_empty_form(content_type: bytes) -> None:
    made = exchange(b"a=1", headers=of_type(content_type))
    assert await read_form(made, FormLimits()) == FormData()
    assert await made.read_piece(10) == b"a=1"


async def test_no_content_type_is_an_empty_form() -> None:
    assert await read_form(exchange(b"a=1"), FormLimits()) == FormData()


@pytest.mark.parametrize("content_type", [URLENCODED, MULTIPART])
async def test_no_body_is_an_empty_form(content_type: bytes) -> None:
    assert await read_form(exchange(headers=of_type(content_type)), FormLimits()) == FormData()


async def test_a_form_is_read_once() -> None:
    made = exchange(b"a=1", headers=of_type(URLENCODED))
    form = await read_form(made, FormLimits())
    assert await read_form(made, FormLimits()) is form is made.form


async def test_a_body_that_was_read_already_is_a_form_too() -> None:
    made = exchange(b"a=1&", b"b=2", headers=of_type(URLENCODED))
    await made.read_body(100)
    assert await read_form(made, FormLimits()) == FormData({"a": "1", "b": "2"})


async def fault(content_type: bytes, *pieces: bytes, limit: int = 1000) -> tuple[int, str]:
    made = exchange(*pieces, headers=of_type(content_type))
    made.body_limit = limit
    found = await read_form(made, FormLimits())
    assert isinstance(found, FormFault)
    assert not found.client_left
    assert made.form is None
    return found.status, found.message


@pytest.mark.parametrize("content_type", [URLENCODED, MULTIPART])
async def test_a_body_beyond_the_limit_is_too_large(content_type: bytes) -> None:
    assert await fault(content_type, PART, limit=50) == (413, "Content Too Large")


@pytest.mark.parametrize("content_type", [URLENCODED, MULTIPART])
async def test_nobody_waits_for_an_answer_to_a_form_that_was_cut_off(content_type: bytes) -> None:
    found = await read_form(cut_off(PART[:20], headers=of_type(content_type)), FormLimits())
    assert isinstance(found, FormFault)
    assert found.client_left


@pytest.mark.parametrize("charset", [b"nonsense", b"zlib", b"punycode", b"idna", b"utf-16", b'""', b"utf-8\0"])
@pytest.mark.parametrize("content_type", [URLENCODED, MULTIPART])
async def test_a_charset_that_nobody_should_send_is_refused(content_type: bytes, charset: bytes) -> None:
    status, message = await fault(content_type + b"; charset=" + charset, b"")
    assert (status, "charset" in message, "send UTF-8" in message) == (400, True, True)


@pytest.mark.parametrize(("charset", "encoded"), [(b"UTF-8", b"\xc3\xa9"), (b"iso-8859-1", b"\xe9"), (b"windows-1252", b"\xe9")])
async def test_forms_of_older_clients_are_read(charset: bytes, encoded: bytes) -> None:
    for content_type, body in ((URLENCODED, b"a=" + encoded), (MULTIPART, PART.replace(b"\r\n1\r\n", b"\r\n" + encoded + b"\r\n"))):
        made = exchange(body, headers=of_type(content_type + b"; charset=" + charset))
        assert await read_form(made, FormLimits()) == FormData({"a": "é"})
