"""`--schema`: the OpenAPI document of 1,000 routes with 300 models.

Also what the children run: the same application under the framework that the first argument names.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated, Any, Final, cast

from benchmarks.children import LineProcess, child_command, describe
from benchmarks.contenders import BASELINE, Contender, ContenderError, choose_contenders
from benchmarks.figures import SPREAD_NOTE, Figure, advantage
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings

ROUNDS: Final = 5
ROUTES: Final = 1000
MODELS: Final = 300

_COLUMNS: Final = (Column("wall", "document ms"), Column("cpu", "CPU ms"), Column("encoded", "as JSON kB", 0))
_FRAMEWORKS: Final = ("fasterapi", "fastapi")
_NOTES: Final = [
    f"{ROUTES:,} routes with {MODELS} models between them; each round is a fresh process that makes the document once",
    "models of six fields with bounds, a default, a list, and another model; queries, headers, paths, bodies and results",
    SPREAD_NOTE,
]


def run(settings: Settings) -> Report:
    """Make the document with each framework several times, in turns."""
    contenders = [contender for contender in choose_contenders(settings.only, served=False) if contender.app in _FRAMEWORKS]
    rounds: dict[str, list[dict[str, float]]] = {contender.name: [] for contender in contenders}
    missing: dict[str, str] = {}
    for number in range(settings.rounds):
        say(f"round {number + 1} of {settings.rounds}")
        for contender in contenders:
            if contender.name in missing:
                continue
            try:
                rounds[contender.name].append(_measure(settings.python, contender))
            except ContenderError as error:
                say(f"not measured: {error}")
                missing[contender.name] = str(error)
    figures = {
        name: {column.name: Figure(tuple(costs[column.name] for costs in measured)) for column in _COLUMNS}
        for name, measured in rounds.items()
        if name not in missing
    }
    table = Table("OpenAPI document", _COLUMNS)
    for name, measured in figures.items():
        table.rows[name] = {}
        for column, figure in measured.items():
            base = figures[BASELINE][column] if BASELINE in figures and column != "encoded" else None
            table.rows[name][column] = Cell(figure, advantage(base, figure))
    return Report("schema", {"rounds": settings.rounds}, _NOTES, [table], describe(settings.python), missing)


def _measure(python: str, contender: Contender) -> dict[str, float]:
    build = "" if contender.compiled is None else str(contender.compiled)
    with LineProcess(contender, child_command(python, "schema", contender.app, build)) as process:
        return cast("dict[str, float]", process.read())


def main() -> None:
    """Print as JSON what the document took in a framework (first argument) and build (second argument)."""
    framework, build = sys.argv[1:]
    answer: dict[str, object] = {}
    try:
        if build:
            import fasterapi

            assert str(fasterapi.COMPILED) == build, f"COMPILED is {fasterapi.COMPILED}"
        answer["result"] = _made(_application(framework))
    except Exception as error:  # noqa: BLE001 - the parent says which contender failed, and goes on with the others
        answer["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(answer))


def _made(app: Any) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    document = app.openapi()
    took = {"wall": (time.perf_counter() - wall) * 1000, "cpu": (time.process_time() - cpu) * 1000}
    found = len(document["paths"]), len(document["components"]["schemas"])
    assert found == (ROUTES, MODELS + 2), f"the document has {found[0]} paths and {found[1]} schemas"
    return {**took, "encoded": len(json.dumps(document)) / 1000}


def _application(framework: str) -> Any:
    models: list[Any] = []
    for number in range(MODELS):
        models.append(_model(framework, f"Model{number}", models[-1] if number % 3 else None))
    web: Any = __import__(framework)
    app = web.FastAPI()
    for number in range(ROUTES):
        _declare(web, app, number, models[number % MODELS])
    return app


def _model(framework: str, name: str, parent: Any) -> Any:
    """A model of the framework's own kind."""
    if framework == "fastapi":
        from pydantic import Field, create_model

        bounds: Any = Field
    else:
        from msgspec import Meta

        bounds = Meta
    fields: dict[str, Any] = {
        "number": (Annotated[int, bounds(ge=1, description="Its number")], ...),
        "name": (Annotated[str, bounds(max_length=80)], ...),
        "price": (float, 0.0),
        "tags": (list[str], []),
        "note": (str | None, None),
    }
    if parent is not None:
        fields["parent"] = (parent | None, None)
    if framework == "fastapi":
        return create_model(name, **fields)
    from msgspec import defstruct

    return defstruct(name, [(key, kind) if default is ... else (key, kind, default) for key, (kind, default) in fields.items()])


def _declare(web: Any, app: Any, number: int, model: Any) -> None:
    async def read(item_id: Any, q: Any = None, limit: Any = 10) -> Any:
        """Read one."""

    async def create(body: Any) -> Any:
        """Create one."""

    async def list_all(skip: Any = 0, x_token: Any = None) -> Any:
        """List all."""

    # Set, not written: the model is another one each time.
    if number % 3 == 0:
        limit = Annotated[int, web.Query(ge=1, le=100)]
        read.__annotations__ = {"item_id": int, "q": str | None, "limit": limit, "return": model}
        app.get(f"/things{number}/{{item_id}}", tags=["read"])(read)
    elif number % 3 == 1:
        create.__annotations__ = {"body": model, "return": model}
        app.post(f"/things{number}", tags=["write"])(create)
    else:
        list_all.__annotations__ = {"skip": int, "x_token": Annotated[str | None, web.Header()], "return": list[model]}
        app.get(f"/things{number}")(list_all)
