"""`fasterapi http`: requests from the command line, and the programs that declare them."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import logging
import runpy
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from fasterapi.cli.command import command, option
from fasterapi.cli.exits import CLEAN, FOUND, CommandError
from fasterapi.cli.http_output import OUTPUTS, show, write
from fasterapi.cli.http_shell import Shell
from fasterapi.client import FastHTTP, FastHTTPError, GraphQLRequest, Outcome, Response, Session
from fasterapi.client.from_openapi import DocumentError, generate_client
from fasterapi.client.graphql import ACCEPT, is_mutation, read_response, retry_of_queries
from fasterapi.client.middleware.logs import LOGGER, prepare_logging

MANY: Final = 10
"""From so many requests on a run shows how far it is."""

_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options")


@click.group("http", invoke_without_command=True)
@click.option("-p", "--proxy", help="The proxy of the requests that are typed in.")
@click.pass_context
def http(context: click.Context, proxy: str | None) -> int:
    """Make requests, run programs of them, write clients.

    Without a command it reads requests line by line.
    """
    return _repl(proxy) if context.invoked_subcommand is None else CLEAN


def request_options(function: Any, output: str = "status") -> Any:
    """Declare what all requests of the command line take; `output` is what they show unless somebody says otherwise."""
    declared = (
        click.argument("output", type=click.Choice(OUTPUTS), default=output),
        click.argument("url"),
        option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header; may be repeated."),
        option("-t", "--timeout", type=click.FloatRange(min=0, min_open=True), default=30.0, help="Seconds; 30 unless said."),
        option("-p", "--proxy", help="A proxy: http://… or socks5://…; that of HTTP_PROXY and so on unless said."),
        option("-u", "--user", metavar="USER:PASSWORD", help="Who asks (Basic)."),
        option("-k", "--insecure", is_flag=True, help="Believe any certificate."),
        option("--http2", is_flag=True, help="Speak HTTP/2 with servers that can."),
        option("--no-redirects", is_flag=True, help="Show a redirect instead of following it."),
        option("--retry", type=click.IntRange(min=0), default=0, help="How many further attempts there may be; none unless said."),
        option("-o", "--output", "file", type=click.Path(dir_okay=False, path_type=Path), help="The file to write the body to."),
        option("--debug", is_flag=True, help="Log headers too."),
    )
    for decorate in declared:
        function = decorate(function)
    return function


def _add_verb(verb: str) -> None:
    @command(verb)
    @request_options
    @option("-q", "--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the query; may be repeated.")
    @option("-j", "--json", help="A JSON body.")
    @option("-d", "--data", help="A body as it is.")
    @option("-f", "--file", "uploads", multiple=True, metavar="NAME=PATH", help="A file to upload; may be repeated.")
    def ask(
        url: str,
        output: str,
        params: Sequence[str],
        json: str | None,
        data: str | None,
        uploads: Sequence[str],
        file: Path | None,
        **given: Any,
    ) -> int:
        sent: dict[str, Any] = {"params": [_pair(param, "=", "-q") for param in params]}
        if json is not None:
            sent["data"] = _checked_json(json, "-j")
            given["headers"] = ("Content-Type: application/json", *given["headers"])
        elif data is not None:
            sent["data"] = data.encode()
        if uploads:
            sent["files"] = [_upload(upload) for upload in uploads]
        return _finish(_fetch(verb, url, sent, given), output, file)

    ask.help = f"Send a {verb.upper()} and show what came back: its status, unless OUTPUT says otherwise."
    http.add_command(ask)


@command("graphql")
@partial(request_options, output="json")
@option("-q", "--query", required=True, help="The query or mutation.")
@option("-v", "--variables", help="Its variables, as JSON.")
@option("--operation", type=click.Choice(["query", "mutation"]), help="What it is, if it does not say so; only queries are tried again.")
def graphql(url: str, output: str, query: str, variables: str | None, operation: str | None, file: Path | None, **given: Any) -> int:
    """Ask a GraphQL service and show what came back, as JSON unless OUTPUT says otherwise."""
    values = None if variables is None else msgspec.json.decode(_checked_json(variables, "-v"))
    given["retry"] = None if is_mutation(query, operation) else retry_of_queries(given["retry"])
    given["headers"] = (f"Accept: {ACCEPT}", *given["headers"])
    response = _fetch("post", url, {"json": GraphQLRequest(query, None, values)}, given)
    return _finish(response, output, file) or (FOUND if _has_faults(response) else CLEAN)


@command("run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("-t", "--tags", help="Only requests with one of these tags, separated by commas.")
@option("--debug", is_flag=True, help="Log headers too.")
def run(file: Path, tags: str | None, debug: bool) -> int:
    """Make all requests that a program declares."""
    app = _app_of(file)
    app.debug = app.debug or debug
    wanted = None if tags is None else [tag.strip() for tag in tags.split(",") if tag.strip()]
    chosen = app.tagged(wanted)
    if not chosen:
        known = sorted({tag for operation in app.operations for tag in operation.route.tags})
        raise CommandError(f"{file} declares no request" + (f" tagged {tags}. Its tags are: {', '.join(known)}." if known else "."))
    if len(chosen) < MANY or not sys.stderr.isatty():
        return FOUND if app.run(wanted).errors else CLEAN
    # A line for each request would tear the bar to pieces.
    LOGGER.setLevel(logging.ERROR)
    with click.progressbar(length=len(chosen), label="Requests", file=sys.stderr) as bar:

        def step(_: Outcome[Any]) -> None:
            bar.update(1)

        results = app.run(wanted, on_outcome=step)
    click.echo(repr(results))
    return FOUND if results.errors else CLEAN


@command("dev")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--host", default="127.0.0.1", help="The address to listen at; this machine only, unless said.")
@option("-p", "--port", default=8000, type=click.IntRange(0, 65535), help="The port; 8000 unless said.")
@option("-b", "--base-url", default=None, help="The path that the pages stand below.")
@option("--debug", is_flag=True, help="Log headers too.")
def dev(file: Path, host: str, port: int, base_url: str | None, debug: bool) -> int:
    """Show the requests that a program declares in a browser, and make them from there."""
    app = _app_of(file)
    app.debug = app.debug or debug
    app.web_run(host=host, port=port, base_url=base_url)
    return CLEAN


@command("generate")
@click.argument("document")
@option("-o", "--output", "file", type=click.Path(dir_okay=False, path_type=Path), help="The file to write, instead of the terminal.")
def generate(document: str, file: Path | None) -> int:
    """Write a typed client of a service, of its OpenAPI document: a file, or a URL."""
    try:
        content = _fetched(document) if "://" in document else Path(document).read_bytes()
        source = generate_client(content)
    except OSError as error:
        raise CommandError(f"{document} cannot be read: {error.strerror}.") from error
    except DocumentError as error:
        raise CommandError(f"{document}: {error}") from error
    if file is None:
        click.echo(source, nl=False)
    else:
        file.write_text(source, encoding="utf-8")
    return CLEAN


@command("repl")
@option("-p", "--proxy", help="The proxy of all requests.")
def repl(proxy: str | None) -> int:
    """Read requests line by line."""
    return _repl(proxy)


for _verb in _VERBS:
    _add_verb(_verb)
for _command in (graphql, run, dev, generate, repl):
    http.add_command(_command)


def _repl(proxy: str | None) -> int:
    def answer(arguments: Sequence[str]) -> object:
        return http.main(list(arguments), prog_name="http", standalone_mode=False)

    Shell(answer, [*_VERBS, "graphql"], proxy).loop()
    return CLEAN


def _fetch(verb: str, url: str, sent: dict[str, Any], given: dict[str, Any]) -> Response:
    """The response; what was typed in is meant, so that requests may go anywhere, and as the environment says."""
    options: dict[str, Any] = {"headers": _headers(given["headers"]), "timeout": given["timeout"]}
    if given["user"] is not None:
        options["auth"] = _pair(given["user"], ":", "-u")
    if given["retry"]:
        options["retry"] = given["retry"]
    try:
        with Session(
            security=False,
            proxy=given["proxy"],
            trust_env=True,
            verify=not given["insecure"],
            http2=given["http2"],
            follow_redirects=not given["no_redirects"],
            debug=given["debug"],
        ) as session:
            if given["debug"]:
                prepare_logging(True)
            return session.request(verb, url, **sent, **options)
    except (FastHTTPError, ImportError, ValueError) as error:
        raise CommandError(str(error)) from error


def _finish(response: Response, output: str, file: Path | None) -> int:
    if file is not None:
        write(response, file)
    try:
        show(response, output)
    except FastHTTPError as error:
        if response.ok:
            raise CommandError(str(error)) from error
        # The status is the news; that its body is something else must not hide it.
        click.echo(f"{response.status_code} {response.reason}: {error.message}", err=True)
    return CLEAN if response.ok else FOUND


def _has_faults(response: Response) -> bool:
    """Whether a GraphQL service tells of faults, which it does with a good status too."""
    try:
        return read_response(response).has_errors
    except FastHTTPError as error:
        raise CommandError(str(error)) from error


def _fetched(url: str) -> bytes:
    with Session(security=False, raise_for_status=True, trust_env=True) as session:
        try:
            return session.get(url).content
        except FastHTTPError as error:
            raise CommandError(str(error)) from error


def _headers(given: Sequence[str]) -> dict[str, str]:
    """The headers; of one that is said again the values are joined (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for header in given:
        name, value = _pair(header, ":", "-H")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _pair(given: str, separator: str, name: str) -> tuple[str, str]:
    left, found, right = given.partition(separator)
    if not found:
        raise CommandError(f"{name} {given!r}: there is no {separator!r} in it.")
    return left.strip(), right.strip() if separator == ":" else right


def _upload(given: str) -> tuple[str, tuple[str, bytes]]:
    name, path = _pair(given, "=", "-f")
    try:
        return name, (Path(path).name, Path(path).read_bytes())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _checked_json(given: str, name: str) -> bytes:
    try:
        msgspec.json.decode(given)
    except msgspec.DecodeError as error:
        raise CommandError(f"{name} is not JSON: {error}.") from error
    return given.encode()


def _app_of(file: Path) -> FastHTTP:
    """The app of a program, which is run as if it was imported."""
    sys.path.insert(0, str(file.resolve().parent))
    names = runpy.run_path(str(file), run_name="fasterapi_http")
    found = {name: value for name, value in names.items() if isinstance(value, FastHTTP)}
    if "app" in found:
        return found["app"]
    if len(found) == 1:
        return next(iter(found.values()))
    told = "has no FastHTTP app" if not found else f"has several: {', '.join(found)}"
    raise CommandError(f"{file} {told}. Call the one that is meant app.")
