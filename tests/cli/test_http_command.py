"""Requests from the command line."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from fasterapi.cli.http_output import highlighted
from fasterapi.cli.main import main
from fasterapi.client import RetryMiddleware, Session
from tests.cli.projects import COMMAND
from tests.client.sites import Answer, Site, refused_url
from tests.ports import reserved_port


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def test_the_status_is_shown(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.answer("/x", {"a": 1})
    assert main(["http", "get", site.url("/x")]) == 0
    assert capsys.readouterr().out == "200 OK\n"


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_every_verb_is_sent(site: Site, verb: str) -> None:
    site.answer("/x", "ok")
    assert main(["http", verb, site.url("/x")]) == 0
    assert site.last.method == verb.upper()


def test_parts_of_a_response(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.answer("/x", {"a": [1, "b"]}, headers={"X-A": "1"})
    shown = {}
    for output in ("headers", "json", "text", "all"):
        assert main(["http", "get", site.url("/x"), output]) == 0
        shown[output] = capsys.readouterr().out
    assert "x-a: 1\n" in shown["headers"]
    assert shown["json"] == '{\n  "a": [\n    1,\n    "b"\n  ]\n}\n'
    assert shown["text"] == '{"a": [1, "b"]}\n'
    assert shown["all"].startswith("Status: 200 OK\nElapsed: ")
    assert shown["all"].endswith(f"Body:\n{shown['json']}")


@pytest.mark.parametrize(("verb", "body", "shown"), [("head", b"", ""), ("get", b"{broken", "{broken")])
def test_all_is_shown_of_a_body_that_is_no_json(site: Site, verb: str, body: bytes, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    site.answer("/x", body, headers={"Content-Type": "application/json"})
    assert main(["http", verb, site.url("/x"), "all"]) == 0
    assert capsys.readouterr().out.endswith(f"Body:\n{shown}\n")


def test_what_is_sent(site: Site) -> None:
    site.echo("/x")
    headers = ["-H", "Accept: a/b,c/d", "-H", "X-A:1", "-H", "X-A: 2"]
    assert main(["http", "post", site.url("/x"), *headers, "-j", '{"a": 1}', "-q", "p=1=2", "-u", "user:pw", "-t", "5"]) == 0
    assert (site.last.headers["accept"], site.last.headers["x-a"]) == ("a/b,c/d", "1, 2")
    assert (site.last.headers["content-type"], site.last.body) == ("application/json", b'{"a": 1}')
    assert site.last.params() == [("p", "1=2")]
    assert site.last.headers["authorization"] == "Basic dXNlcjpwdw=="


def test_bodies_and_files_are_sent(site: Site, tmp_path: Path) -> None:
    site.echo("/x")
    assert main(["http", "put", site.url("/x"), "-d", "raw é"]) == 0
    assert site.last.body == "raw é".encode()
    upload = tmp_path / "a.txt"
    upload.write_bytes(b"content")
    assert main(["http", "post", site.url("/x"), "-f", f"doc={upload}"]) == 0
    assert b'name="doc"; filename="a.txt"' in site.last.body


def test_bodies_are_written_to_files(site: Site, tmp_path: Path) -> None:
    site.answer("/x", b"\x89PNG")
    assert main(["http", "get", site.url("/x"), "-o", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.png").read_bytes() == b"\x89PNG"
    assert main(["http", "get", site.url("/x"), "-o", str(tmp_path / "none" / "a.png")]) == 2


def test_redirects_and_attempts(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.answer("/a", status=302, headers={"Location": "/b"})
    site.answer_in_turn("/b", Answer("busy", 503, {"Retry-After": "0"}), Answer("ok"))
    assert main(["http", "get", site.url("/a"), "text", "--retry", "1"]) == 0
    assert capsys.readouterr().out == "ok\n"
    assert main(["http", "get", site.url("/a"), "--no-redirects"]) == 0
    assert capsys.readouterr().out == "302 Found\n"


def test_exit_codes(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http", "get", site.url("/nowhere")]) == 1
    assert capsys.readouterr().out == "404 Not Found\n"
    for arguments in (
        [refused_url()],
        [site.url("/nowhere"), "nonsense"],
        [site.url("/nowhere"), "-H", "nonsense"],
        [site.url("/nowhere"), "-H", "X: a\r\nY: b"],
        [site.url("/nowhere"), "-j", "{"],
        [site.url("/nowhere"), "-f", "a=/nowhere"],
        ["ftp://x/"],
        [],
    ):
        assert main(["http", "post", *arguments]) == 2
        told = capsys.readouterr()
        assert (told.out, told.err.count("\n")) == ("", 1), told.err


def test_a_server_does_not_command_the_terminal(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.answer("/x", "\x1b[2Jcleared\x9b")
    assert main(["http", "get", site.url("/x"), "text"]) == 0
    assert capsys.readouterr().out == "\ufffd[2Jcleared\ufffd\n"


def test_json_is_coloured() -> None:
    coloured = highlighted('{"a": "b", "c": [1.5, null]}')
    assert coloured.count("\x1b[36m") == 2
    assert all(click.style(text, fg=colour) in coloured for text, colour in (('"b"', "green"), ("1.5", "yellow"), ("null", "magenta")))
    assert click.unstyle(coloured) == '{"a": "b", "c": [1.5, null]}'


def test_graphql(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.answer("/graphql", {"data": {"a": 1}})
    assert main(["http", "graphql", site.url("/graphql"), "json", "-q", "{ a }", "-v", '{"b": 2}']) == 0
    assert json.loads(capsys.readouterr().out) == {"data": {"a": 1}}
    assert site.last.json() == {"query": "{ a }", "variables": {"b": 2}}


def test_faults_of_graphql_are_failures(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.answer("/graphql", {"data": None, "errors": [{"message": "no such field"}]})
    assert main(["http", "graphql", site.url("/graphql"), "-q", "{ a }"]) == 1
    assert "no such field" in capsys.readouterr().out, "JSON is shown unless something else is asked for"
    site.answer("/page", "<html>")
    assert main(["http", "graphql", site.url("/page"), "text", "-q", "{ a }"]) == 2
    assert main(["http", "graphql", site.url("/nowhere"), "-q", "{ a }"]) == 1


@pytest.mark.parametrize(
    ("options", "asked"), [(["-q", "{ a }"], 2), (["-q", "{ a }", "--operation", "mutation"], 1), (["-q", "mutation { a }"], 1)]
)
def test_queries_are_tried_again_and_mutations_are_not(
    site: Site, options: list[str], asked: int, capsys: pytest.CaptureFixture[str]
) -> None:
    site.answer_in_turn("/graphql", Answer("busy", 503, {"Retry-After": "0"}), Answer({"data": {}}))
    assert main(["http", "graphql", site.url("/graphql"), "--retry", "1", *options]) == (0 if asked == 2 else 1)
    assert len(site.asked) == asked
    assert ("503 Service Unavailable: The body is not JSON" in capsys.readouterr().err) is (asked == 1)


def test_the_proxy_of_the_environment_is_used(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    refused = refused_url()
    monkeypatch.setenv("http_proxy", refused.replace("//", "//me:s3cret@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert main(["http", "get", site.url("/x")]) == 2
    told = capsys.readouterr().err
    assert f"through the proxy {refused.replace('//', '//***@')}" in told
    assert "s3cret" not in told


def test_debugging_logs_headers_and_no_secrets(site: Site, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    site.answer("/x", "ok", headers={"Set-Cookie": "sid=s3cret", "X-Own": "shown"})
    with caplog.at_level(logging.DEBUG, "fasterapi.client"):
        assert main(["http", "get", site.url("/x"), "-H", "Authorization: s3cret", "--debug"]) == 0
    told = capsys.readouterr()
    assert "shown" in caplog.text
    assert "s3cret" not in caplog.text + told.out + told.err


PROGRAM = """
from fasterapi.client import FastHTTP, Response

app = FastHTTP(base_url={url!r}, security=False)


@app.get("/a", tags=["a"])
async def a(response: Response) -> int:
    return response.status_code


@app.get("/b", tags=["b"])
async def b(response: Response) -> int:
    return 1 // 0
"""


def test_programs_are_run(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(url=site.url()))
    assert main(["http", "run", str(program), "-t", "a, other"]) == 0
    assert [asked.path for asked in site.asked] == ["/a"]
    assert main(["http", "run", str(program)]) == 1
    (tmp_path / "none.py").write_text("x = 1")
    assert main(["http", "run", str(tmp_path / "none.py")]) == 2
    assert "no FastHTTP app" in capsys.readouterr().err


def test_a_program_without_requests_is_none(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(url=site.url()))
    assert main(["http", "run", str(program), "--tags", "typo"]) == 2
    assert capsys.readouterr().err.endswith("no request tagged typo. Its tags are: a, b.\n")
    program.write_text("from fasterapi.client import FastHTTP\napp = FastHTTP()\n")
    assert main(["http", "run", str(program)]) == 2
    assert capsys.readouterr().err.endswith("declares no request.\n")


def test_programs_are_debugged(site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    site.answer("/a", "ok", headers={"X-Own": "shown"})
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(url=site.url()))
    with caplog.at_level(logging.DEBUG, "fasterapi.client"):
        assert main(["http", "run", str(program), "--tags", "a", "--debug"]) == 0
    assert "shown" in caplog.text
    assert len([record for record in caplog.records if "[200]" in record.message]) == 1, "once each"


def test_programs_are_shown_in_a_browser(site: Site, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(url=site.url()))
    port = reserved_port()
    command = [*COMMAND, "http", "dev", str(program), "-p", str(port), "-b", "/api"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = next(line for line in process.stderr if "Open http" in line)
        url = told.split("Open ")[1].strip()
        with Session(security=False) as session:
            page = session.get(url, retry=RetryMiddleware(max_retries=20, backoff_factor=0.1))
        process.terminate()
    assert url.startswith(f"http://127.0.0.1:{port}/api/docs?token=")
    assert "swagger-ui" in page.html()


def test_clients_are_written(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {"/x": {"get": {"responses": {}}}}}
    site.answer("/openapi.json", document)
    assert main(["http", "generate", site.url("/openapi.json")]) == 0
    source = capsys.readouterr().out
    assert "async def get_x(response: Response) -> None:" in source
    given = tmp_path / "openapi.json"
    given.write_text(json.dumps(document))
    assert main(["http", "generate", str(given), "-o", str(tmp_path / "shop.py")]) == 0
    assert (tmp_path / "shop.py").read_text() == source
    given.write_text("{}")
    assert main(["http", "generate", str(given)]) == 2
    assert main(["http", "generate", str(tmp_path / "nowhere.json")]) == 2


def test_requests_are_read_line_by_line(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    site.echo("/x")
    lines = iter(
        [
            "help",
            f"g {site.url('/x')} status",
            f"p {site.url('/x')} -j '{{\"a\": 1}}'",
            "last",
            "history",
            "nonsense",
            "get 'unclosed",
            "get",
            "",
            "q",
        ]
    )
    monkeypatch.setattr("builtins.input", lambda _: next(lines))
    assert main(["http", "repl"]) == 0
    told = capsys.readouterr()
    assert [asked.method for asked in site.asked] == ["GET", "POST", "POST"]
    assert told.out.count("200 OK") == 3
    assert f"  1  g {site.url('/x')} status" in told.out
    assert "'nonsense' is no command" in told.err
    assert "close the quotes" in told.err
    assert "Missing argument" in told.err


def test_lines_may_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    assert main(["http"]) == 0


def test_many_requests_show_how_far_they_are(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "program.py"
    more = "\n".join(f"app.get('/{number}')(a)" for number in range(20))
    program.write_text(PROGRAM.format(url=site.url()).replace("1 // 0", "0") + more)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["http", "run", str(program)]) == 0
    told = capsys.readouterr()
    assert "Results: 22 of 22 succeeded" in told.out
    assert "100%" in told.err
    program.write_text(PROGRAM.format(url=site.url()).replace("1 // 0", "0") + more.replace(")(a)", ", tags=['a'])(a)"))
    assert main(["http", "run", str(program), "--tags", "a"]) == 0
    told = capsys.readouterr()
    assert "Results: 21 of 21 succeeded" in told.out
    assert "100%" in told.err
