from __future__ import annotations

from types import ModuleType

from fasterapi.binding.graph import SignatureBook
from fasterapi.check.graph import GraphReader
from fasterapi.check.names import Namer
from fasterapi.check.program import ArgumentLine, CallLine, Program, render
from fasterapi.check.sources import Sources
from tests.check.conftest import WriteModule


def program_of(module: ModuleType) -> Program:
    reader = GraphReader(SignatureBook({}))
    graphs = [reader.read(declaration) for declaration in module.app.router.declarations()]
    return render(graphs, Namer([module], Sources()))


def calls_of(program: Program) -> str:
    """The text between prologue and probes."""
    return program.text.partition("def unused(value: Value) -> Value:\n    raise NotImplementedError\n\n\n")[2].partition("def probes()")[0]


HEAD = """\
from typing import Annotated
from uuid import UUID
from fasterapi import Depends, Faster

app = Faster()
def plain(q: str = ""): ...
async def coroutine(a: Annotated[object, Depends(plain)], *, limit: int = 1): ...
def generator():
    yield 1
async def async_generator():
    yield 1
def keyed(key: UUID): ...
def inherits(k: Annotated[object, Depends(keyed)]): ...
"""


def test_a_provider_is_called_before_those_that_are_given_its_result(write_module: WriteModule) -> None:
    module = write_module("graph", HEAD + '@app.get("/{n:int}")\nasync def read(n: int, b: Annotated[object, Depends(coroutine)]): ...\n')
    assert calls_of(program_of(module)) == (
        "given_1 = made(lambda: module_1.plain(\n"
        "        anything,\n"
        "))[0]\n"
        "given_2 = resolved(made(lambda: module_1.coroutine(\n"
        "        given_1,\n"
        "        limit=anything,\n"
        "))[0])[0]\n"
        "\n"
        "\n"
        "# GET /{n:int}\n"
        "async def route_1() -> None:\n"
        "    await module_1.read(\n"
        "        path_int,\n"
        "        given_2,\n"
        "    )\n"
        "    return\n"
        "\n"
        "\n"
    )


def test_generators_are_entered(write_module: WriteModule) -> None:
    module = write_module(
        "graph", HEAD + '@app.get("/", dependencies=[Depends(generator), Depends(async_generator)])\ndef read() -> None: ...\n'
    )
    calls = calls_of(program_of(module))
    assert "given_1 = entered(made(lambda: module_1.generator(\n))[0])[0]\n" in calls
    assert "given_2 = entered_async(made(lambda: module_1.async_generator(\n))[0])[0]\n" in calls


def test_what_is_given_to_nobody_is_looked_at_too(write_module: WriteModule) -> None:
    module = write_module("graph", HEAD + '@app.get("/", dependencies=[Depends(plain)])\ndef read() -> None: ...\n')
    assert "    module_1.read(\n    )\n    unused(given_1)\n" in calls_of(program_of(module))


def test_a_provider_of_many_routes_is_called_once(write_module: WriteModule) -> None:
    routes = "".join(f'@app.get("/{n}")\ndef read_{n}(a: Annotated[object, Depends(plain)]): ...\n' for n in range(3))
    program = program_of(write_module("graph", HEAD + routes))
    assert calls_of(program).count("module_1.plain(") == 1
    call = next(line for line in program.lines.values() if isinstance(line, CallLine) and line.callee.label == "plain")
    assert program.routes_by_call()[call] == {"GET /0", "GET /1", "GET /2"}


def test_a_provider_is_called_for_each_type_that_paths_give_it(write_module: WriteModule) -> None:
    routes = "".join(
        f'@app.get("/{n}/{{{path}}}")\ndef read_{n}(a: Annotated[object, Depends(inherits)]): ...\n'
        for n, path in enumerate(["key:int", "key:uuid", "key:int", "other:int"])
    )
    calls = calls_of(program_of(write_module("graph", HEAD + routes)))
    assert calls.count("module_1.inherits(") == 3
    assert calls.count("module_1.keyed(\n        path_int,") == 1
    assert calls.count("module_1.keyed(\n        path_uuid,") == 1
    assert calls.count("module_1.keyed(\n        anything,") == 1


def test_what_has_no_name_is_listed_and_gives_anything(write_module: WriteModule) -> None:
    module = write_module("graph", HEAD + '@app.get("/")\ndef read(a: Annotated[object, Depends(lambda: 1)]): ...\n')
    program = program_of(module)
    assert "    module_1.read(\n        anything,\n    )\n" in calls_of(program)
    assert [probe.callee.label for probe in program.nameless] == ["<lambda>"]


def test_a_line_leads_back_to_its_argument(write_module: WriteModule) -> None:
    module = write_module("graph", HEAD + '@app.get("/{n:int}")\nasync def read(n: int, b: Annotated[object, Depends(plain)]): ...\n')
    program = program_of(module)
    number = program.text.splitlines().index("        given_1,") + 1
    line = program.lines[number]
    assert isinstance(line, ArgumentLine)
    assert line.argument.parameter == "b"
    assert line.provider is not None
    assert line.provider.label == "plain"


def test_the_program_runs_as_far_as_python_reads_it(write_module: WriteModule) -> None:
    module = write_module("graph", HEAD + '@app.get("/{n:int}")\nasync def read(n: int, b: Annotated[object, Depends(coroutine)]): ...\n')
    compile(program_of(module).text, "program", "exec")
