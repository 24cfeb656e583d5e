from __future__ import annotations

import logging
import logging.config
import time
from collections.abc import AsyncGenerator
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers as StarletteHeaders
from starlette.formparsers import MultiPartParser

from fasterapi.http.asgi_exchange import AsgiExchange
from fasterapi.http.forms import read_form
from fasterapi.http.forms_data import FormData
from fasterapi.http.forms_limits import FormFault, FormLimits
from fasterapi.http.uploads import SPOOL_SIZE, UploadFile
from tests.http.requests import arriving, cut_off, dropped, exchange, in_pieces, scope

HEADERS = [(b"content-type", b"multipart/form-data; boundary=B")]


def part(disposition: str, content: bytes = b"1", *more: str) -> bytes:
    head = "\r\n".join([f"Content-Disposition: form-data; {disposition}", *more])
    return b"--B\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


def field(name: str, content: bytes = b"1") -> bytes:
    return part(f'name="{name}"', content)


def file(name: str, filename: str, content: bytes = b"content", *more: str) -> bytes:
    return part(f'name="{name}"; filename="{filename}"', content, *more)


END = b"--B--\r\n"


async def form_of(*pieces: bytes, limits: FormLimits | None = None) -> FormData:
    form = await read_form(exchange(*pieces, headers=HEADERS), limits or FormLimits())
    assert isinstance(form, FormData), form.message
    return form


async def fault(*pieces: bytes, limits: FormLimits | None = None, headers: list[tuple[bytes, bytes]] = HEADERS) -> tuple[int, str]:
    found = await read_form(exchange(*pieces, headers=headers), limits or FormLimits())
    assert isinstance(found, FormFault)
    return found.status, found.message


async def test_fields_are_text() -> None:
    form = await form_of(field("a"), field("a", "é\r\n".encode()), field("é", b""), END)
    assert form.multi_items() == [("a", "1"), ("a", "é\r\n"), ("é", "")]


async def test_parts_with_a_filename_are_files() -> None:
    form = await form_of(file("f", "a.txt", b"one\r\ntwo", "Content-Type: text/plain", "X-Own: 1"), field("a"), END)
    upload = form["f"]
    assert isinstance(upload, UploadFile)
    assert (upload.filename, upload.content_type, upload.headers["x-own"], upload.size) == ("a.txt", "text/plain", "1", 8)
    assert await upload.read() == b"one\r\ntwo"
    assert form["a"] == "1"
    await form.close()


async def test_a_file_input_that_was_left_empty_is_an_empty_file_without_a_name() -> None:
    form = await form_of(file("f", "", b""), END)
    upload = form["f"]
    assert isinstance(upload, UploadFile)
    assert (upload.filename, upload.size) == ("", 0)
    await form.close()


async def test_closing_the_form_closes_its_files() -> None:
    form = await form_of(file("f", "a", bytes(SPOOL_SIZE + 1)), file("f", "b"), END)
    uploads = [upload for upload in form.getlist("f") if isinstance(upload, UploadFile)]
    assert len(uploads) == 2
    await form.close()
    await form.close()
    assert [upload.file.closed for upload in uploads] == [True, True]


@pytest.mark.parametrize("filename", ["../../etc/passwd", "/etc/passwd", "a b", "é.txt", "..", "a/b\\c"])
async def test_a_filename_stays_what_the_client_says(filename: str) -> None:
    form = await form_of(file("f", filename), END)
    assert cast(UploadFile, form["f"]).filename == filename
    await form.close()


async def test_the_path_that_some_browsers_send_is_left_out() -> None:
    form = await form_of(file("f", "C:\\dir\\a.txt"), END)
    assert cast(UploadFile, form["f"]).filename == "a.txt"
    await form.close()


async def test_an_extended_filename_is_ignored() -> None:
    form = await form_of(part('name="f"; filename="a.txt"; filename*=utf-8\'\'b.exe'), part("name=\"g\"; filename*=utf-8''b"), END)
    assert (cast(UploadFile, form["f"]).filename, form["g"]) == ("a.txt", "1")
    await form.close()


# What is no form.


@pytest.mark.parametrize("boundary", [b"", b"; boundary", b"; boundary=", b'; boundary=""'])
async def test_a_missing_boundary_is_a_fault(boundary: bytes) -> None:
    headers = [(b"content-type", b"multipart/form-data" + boundary)]
    assert await fault(field("a"), END, headers=headers) == (400, "Missing boundary in multipart.")


async def test_a_boundary_without_end_is_a_fault() -> None:
    status, message = await fault(headers=[(b"content-type", b"multipart/form-data; boundary=" + b"B" * 5000)])
    assert (status, message.startswith("Invalid multipart data: Boundary length")) == (400, True)


@pytest.mark.parametrize("cut", range(1, len(field("a") + END) - 2))
async def test_a_truncated_form_is_a_fault(cut: int) -> None:
    status, message = await fault((field("a") + END)[:cut])
    assert (status, message) == (400, "Invalid multipart data: the body ends before its last boundary.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"junk", "Expected boundary character"),
        (b"junk\r\n" + field("a") + END, "Expected boundary character"),
        (b"--X\r\n", "Expected boundary character"),
        (b"--B\r\nno header\r\n\r\n1\r\n" + END, "invalid character"),
        (b"--B\r\n: x\r\n\r\n1\r\n" + END, "0-length header"),
        (b"--B\r\nX: 1\n\n1\r\n" + END, "invalid character"),
        (b"--B\r\n\r\n1\r\n" + END, '"name" must be provided'),
        (part('filename="a"') + END, '"name" must be provided'),
        (part("name*=utf-8''a") + END, '"name" must be provided'),
    ],
)
async def test_a_malformed_form_is_a_fault_with_its_reason(body: bytes, message: str) -> None:
    status, reason = await fault(body)
    assert status == 400
    assert message in reason


async def test_text_in_another_encoding_is_a_fault_that_names_the_field() -> None:
    assert await fault(field("a", b"\xff"), END) == (400, "Invalid multipart data: the text of field 'a' is not UTF-8.")


async def test_names_in_another_encoding_are_a_fault() -> None:
    latin = part('name="é"').replace("é".encode(), b"\xe9")
    assert await fault(latin, END) == (400, "Invalid multipart data: the name of a field is not UTF-8.")
    latin = file("a", "é").replace("é".encode(), b"\xe9")
    assert await fault(latin, END) == (400, "Invalid multipart data: the name of a file is not UTF-8.")


@pytest.mark.parametrize("epilogue", [b"\r\n", b"junk", b"\r\n--B\r\njunk", b"\r\n" + field("b") + END])
async def test_what_follows_the_form_is_ignored(epilogue: bytes) -> None:
    form = await form_of(field("a") + END.strip() + epilogue, epilogue)
    assert form.multi_items() == [("a", "1")]


async def test_a_form_of_no_parts_is_empty() -> None:
    assert await form_of(END) == FormData()


# Limits.


async def test_too_many_fields_are_refused() -> None:
    body = field("a") * 3 + END
    assert await fault(body, limits=FormLimits(max_fields=2)) == (400, "Too many fields. Maximum number of fields is 2.")
    assert await fault(field("a") * 1001) == (400, "Too many fields. Maximum number of fields is 1000.")


async def test_too_many_files_are_refused() -> None:
    body = file("a", "f") * 3 + END
    assert await fault(body, limits=FormLimits(max_files=2)) == (400, "Too many files. Maximum number of files is 2.")
    assert await fault(file("a", "f") * 1001) == (400, "Too many files. Maximum number of files is 1000.")


async def test_files_and_fields_are_counted_apart() -> None:
    form = await form_of(file("f", "f"), field("a"), END, limits=FormLimits(max_files=1, max_fields=1))
    assert list(form) == ["f", "a"]
    await form.close()


async def test_a_text_that_is_too_large_is_refused_while_it_arrives() -> None:
    body = [field("a", bytes(600))[:-2], bytes(600)]
    assert await fault(*body, limits=FormLimits(max_part_size=1024)) == (400, "Part exceeded maximum size of 1KB.")


async def test_a_file_may_be_larger_than_a_text() -> None:
    form = await form_of(file("f", "f", bytes(5000)), END, limits=FormLimits(max_part_size=10))
    assert cast(UploadFile, form["f"]).size == 5000
    await form.close()


async def test_too_many_headers_of_a_part_are_refused() -> None:
    status, message = await fault(part('name="a"', b"1", *["X: 1"] * 8), END)
    assert (status, message) == (400, "Invalid multipart data: Maximum header count exceeded.")


@pytest.mark.parametrize("header", ["X: " + "x" * 5000, "X" * 5000 + ": 1"])
async def test_too_large_headers_of_a_part_are_refused(header: str) -> None:
    status, message = await fault(part('name="a"', b"1", header), END)
    assert (status, message) == (400, "Invalid multipart data: Maximum header size exceeded.")


# Files.


async def test_a_large_file_comes_back_whole() -> None:
    content = bytes(range(256)) * 10_000
    body = file("f", "f", content) + END
    form = await form_of(*[body[start : start + 50_000] for start in range(0, len(body), 50_000)])
    upload = cast(UploadFile, form["f"])
    assert upload.size == len(content)
    assert await upload.read() == content
    await form.close()


async def test_a_form_that_is_refused_leaves_no_file_open() -> None:
    made = exchange(file("f", "f", bytes(SPOOL_SIZE)), file("g", "g"), b"junk", headers=HEADERS)
    # An open file that nobody refers to is a ResourceWarning, which fails the test.
    assert isinstance(await read_form(made, FormLimits()), FormFault)


async def test_a_form_that_is_cut_off_leaves_no_file_open() -> None:
    found = await read_form(cut_off(file("f", "f", bytes(SPOOL_SIZE + 10)), headers=HEADERS), FormLimits())
    assert isinstance(found, FormFault)
    assert found.client_left


async def test_a_form_that_fails_on_its_way_leaves_no_file_open() -> None:
    messages = in_pieces(file("f", "f", bytes(SPOOL_SIZE + 10)))[:-1]

    async def receive() -> dict[str, object]:
        if messages:
            return messages.pop()
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        await read_form(AsgiExchange(scope(headers=HEADERS), receive, dropped), FormLimits())


# Hostile input.


async def seconds(*pieces: bytes) -> float:
    started = time.process_time()
    form = await read_form(exchange(*pieces, headers=HEADERS), FormLimits())
    if isinstance(form, FormData):
        await form.close()
    return time.process_time() - started


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n" * 100_000,
        b"\r\n-" * 60_000,
        b"\r" * 200_000,
        file("f", "f", b"\r\n--" * 50_000) + END,
        file("f", "f", b"\r\n--B" * 40_000) + END,
        file("f", "f", b"\r\n--BB\r" * 30_000) + END,
        file("f", "f", b"\r" * 200_000) + END,
        field("a") + END + b"\r\n--B" * 40_000,
        part('name="a"; x="' + ";" * 4000 + '"') + END,
        part('name="a"; ' + 'x="\\"' * 800) + END,
    ],
)
@pytest.mark.parametrize("size", [1 << 30, 64 * 1024, 1000])
async def test_junk_is_read_in_one_pass(body: bytes, size: int) -> None:
    assert await seconds(*[body[start : start + size] for start in range(0, len(body), size)]) < 2


async def test_junk_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await fault(b"junk" * 1000)
        await fault(b"--B\r\n\0: x\r\n")
    assert not caplog.records


async def test_junk_is_not_logged_by_any_configuration(caplog: pytest.LogCaptureFixture) -> None:
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
    await fault(b"--B\r\n\0: x\r\n")
    assert not caplog.records


# Any form.

NAMES = st.text(alphabet=st.characters(exclude_characters='"\\\r\n;\0*', exclude_categories=["C"]), min_size=1, max_size=5)
CONTENTS = st.one_of(st.text(max_size=20).map(str.encode), st.sampled_from([b"\r\n--", b"\r\n-B", b"--B", b"\r", b"-", b"\r\n\r\n--A"]))
FIELDS = st.tuples(NAMES, CONTENTS)
FILES = st.tuples(NAMES, NAMES, st.one_of(st.binary(max_size=30), CONTENTS))


def body_of(parts: list[tuple[str, bytes] | tuple[str, str, bytes]]) -> bytes:
    return b"".join([field(*found) if len(found) == 2 else file(*found) for found in parts]) + END


async def plain(form: FormData) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in form.multi_items():
        found.append((name, (value.filename, value.size, await value.read()) if isinstance(value, UploadFile) else value))
    await form.close()
    return found


@given(st.lists(st.one_of(FIELDS, FILES), max_size=4), st.integers(1, 40))
@settings(max_examples=60)
async def test_a_form_comes_back_however_it_was_cut(parts: list[tuple[str, bytes] | tuple[str, str, bytes]], size: int) -> None:
    body = body_of(parts)
    form = await form_of(*[body[start : start + size] for start in range(0, len(body), size)])
    expected = [(found[0], found[1].decode()) if len(found) == 2 else (found[0], (found[1], len(found[2]), found[2])) for found in parts]
    assert await plain(form) == expected


@given(st.data())
@settings(max_examples=150)
async def test_a_damaged_form_is_read_as_in_starlette_or_refused(data: st.DataObject) -> None:
    body = bytearray(body_of([("a", b"one"), ("f", "f.txt", b"two\r\nthree"), ("b", b"")]))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(body) - 1))
        body[position : position + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b"\r", b"\n", b"-", b":", b'"', b";", b"\0", b"x"])
        )
    made = AsgiExchange(scope(headers=HEADERS), arriving(in_pieces(bytes(body))), dropped)
    form = await read_form(made, FormLimits())
    if isinstance(form, FormData):
        assert await plain(form) == await starlettes(bytes(body))
    else:
        assert form.status == 400


async def starlettes(body: bytes) -> list[tuple[str, object]]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(StarletteHeaders(raw=HEADERS), stream())
    form = await parser.parse()
    found: list[tuple[str, object]] = []
    for name, value in form.multi_items():
        found.append((name, value if isinstance(value, str) else (value.filename, value.size, await value.read())))
    await form.close()
    return found
