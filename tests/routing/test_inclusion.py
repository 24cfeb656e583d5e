"""How the options of routes, routers and inclusions add up: the same declarations under FastAPI give the expected sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import fastapi
import fastapi.testclient
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fasterapi
from fasterapi.routing.declaration import RouteDeclaration
from fasterapi.testing import TestClient

NAMES: Final = "abc"


class Options(NamedTuple):
    """What one place says; empty and `None` where it says nothing."""

    tags: list[str]
    dependencies: list[str]
    responses: list[int]
    callbacks: list[str]
    response_class: str | None
    deprecated: bool | None
    include_in_schema: bool
    unique_id: str | None


class Group(NamedTuple):
    """A router, the inclusion of it, and what stands in it."""

    prefix: str
    router: Options
    inclusion_prefix: str
    inclusion: Options
    route: Options
    groups: list[Group]


options = st.builds(
    Options,
    st.lists(st.sampled_from(NAMES), max_size=2),
    st.lists(st.sampled_from(NAMES), max_size=2),
    st.lists(st.sampled_from([404, 409, 503]), max_size=2, unique=True),
    st.lists(st.sampled_from(NAMES), max_size=1),
    st.none() | st.sampled_from(["HTMLResponse", "PlainTextResponse"]),
    st.none() | st.booleans(),
    st.booleans() | st.just(True),
    st.none() | st.sampled_from(NAMES),
)


def groups_of(inner: st.SearchStrategy[list[Group]]) -> st.SearchStrategy[list[Group]]:
    prefixes = st.sampled_from(["", "/p", "/q/r"])
    return st.lists(st.builds(Group, prefixes, options, prefixes, options, options, inner), min_size=1, max_size=2)


nested = st.recursive(groups_of(st.just([])), groups_of, max_leaves=4)


class Declarer:
    """Declares groups with the names of one framework, and tells what became of them."""

    def __init__(self, framework: Any, log: list[str]) -> None:
        self._framework = framework
        self._log = log
        self._count = 0
        self.paths: list[str] = []

    def keywords(self, place: str, said: Options, *, of_route: bool = False) -> dict[str, Any]:
        """What one place says, as keywords."""
        keywords: dict[str, Any] = {"include_in_schema": said.include_in_schema, "deprecated": said.deprecated}
        if said.tags:
            keywords["tags"] = [f"{place} {tag}" for tag in said.tags]
        if said.dependencies:
            keywords["dependencies"] = [self._noting(f"{place} {name}") for name in said.dependencies]
        if said.responses:
            keywords["responses"] = {status: {"description": place} for status in said.responses}
        if said.callbacks:
            keywords["callbacks"] = [self._callback(f"{place} {name}") for name in said.callbacks]
        if said.response_class is not None:
            name = "response_class" if of_route else "default_response_class"
            keywords[name] = getattr(fastapi.responses if self._framework is fastapi else fasterapi, said.response_class)
        if said.unique_id is not None:
            text = f"{place} {said.unique_id}"
            keywords["generate_unique_id_function"] = lambda route: f"{text} {route.name}"
        return keywords

    def fill(self, target: Any, groups: list[Group], path: str) -> None:
        """Declare groups within an application or a router."""
        for number, group in enumerate(groups):
            router = self._framework.APIRouter(prefix=group.prefix, **self.keywords(f"router {path}{number}", group.router))
            place = f"{path}{number}"
            own = f"/{place}"
            self.paths.append(own)
            router.get(own, **self.keywords(f"route {place}", group.route, of_route=True))(answering(f"handler_{place}"))
            self.fill(router, group.groups, place)
            target.include_router(router, prefix=group.inclusion_prefix, **self.keywords(f"inclusion {place}", group.inclusion))

    def _noting(self, name: str) -> Any:
        def provider() -> None:
            self._log.append(name)

        return self._framework.Depends(provider)

    def _callback(self, name: str) -> Any:
        router = self._framework.APIRouter()
        router.post("{$callback_url}/" + name.replace(" ", "-"), name=name)(answering("called_back"))
        [route] = router.routes
        return route


def answering(name: str) -> Callable[[], str]:
    def answer() -> str:
        return "text"

    answer.__name__ = name
    return answer


def documented_by_fastapi(app: fastapi.FastAPI) -> dict[str, Any]:
    """What the document of FastAPI says of each operation."""
    found = {}
    for path, item in app.openapi()["paths"].items():
        operation = item["get"]
        responses = {status: answer["description"] for status, answer in operation["responses"].items() if status != "200"}
        callbacks = sorted(operation.get("callbacks", {}))
        found[path] = (
            operation.get("tags", []),
            operation.get("deprecated", False),
            responses,
            callbacks,
            operation["operationId"],
            next(iter(operation["responses"]["200"]["content"])),
        )
    return found


def documented_by_us(declarations: list[RouteDeclaration]) -> dict[str, Any]:
    """The same, as it was declared with us."""
    found = {}
    for declaration in declarations:
        said = declaration.documentation
        if not declaration.include_in_schema or declaration.path in found:
            continue
        generate: Callable[[Any], str] = said.generate_unique_id_function or fastapi.utils.generate_unique_id
        response_class = declaration.response.response_class or fasterapi.JSONResponse
        responses = {str(status): answer["description"] for status, answer in said.responses.items()}
        callbacks = sorted({callback.name for callback in said.callbacks})
        found[declaration.path] = (said.tags, bool(said.deprecated), responses, callbacks, generate(declaration), response_class.media_type)
    return found


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
@given(root=options, groups=nested)
@settings(max_examples=40)
def test_options_add_up_as_in_fastapi(root: Options, groups: list[Group]) -> None:
    their_log: list[str] = []
    our_log: list[str] = []
    their_declarer, our_declarer = Declarer(fastapi, their_log), Declarer(fasterapi, our_log)
    their_root, our_root = their_declarer.keywords("app", root), our_declarer.keywords("app", root)
    for keywords in (their_root, our_root):
        keywords.pop("tags", None)
    theirs, ours = fastapi.FastAPI(**their_root), fasterapi.Faster(**our_root)
    their_declarer.fill(theirs, groups, "")
    our_declarer.fill(ours, groups, "")

    assert documented_by_us(ours.router.declarations()) == documented_by_fastapi(theirs)
    their_client, our_client = fastapi.testclient.TestClient(theirs), TestClient(ours)
    for declaration in ours.router.declarations():
        expected, answer = their_client.get(declaration.path), our_client.get(declaration.path)
        assert (answer.text, answer.headers["content-type"]) == (expected.text, expected.headers["content-type"])
        assert our_log == their_log
