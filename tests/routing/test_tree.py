from __future__ import annotations

import re
from typing import Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fasterapi.routing.paths import MAX_SEGMENTS, parse_path
from fasterapi.routing.tree import PathTarget, RouteTree

SOME_UUID: Final = "12345678-1234-1234-1234-123456789abc"
LONGEST: Final = 65_536
COMMON_METHODS: Final = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}


def tree_of(*routes: str) -> RouteTree:
    """A tree of routes written as `GET,POST /path`; `* /path` answers every method."""
    tree = RouteTree()
    for route in routes:
        tree.add(target_of(route))
    return tree


def target_of(route: str) -> PathTarget:
    methods, path = route.split(" ", 1)
    return PathTarget(parse_path(path), frozenset() if methods == "*" else frozenset(methods.split(",")))


def found(tree: RouteTree, request: str) -> tuple[str, list[str]] | None:
    """The path of the route that answers a request written as `GET /path`, and the parameters' texts."""
    method, path = request.split(" ", 1)
    values: list[str] = []
    target = tree.match(method, path, values)
    if target is None:
        assert values == []
        return None
    return target.pattern.text, values


@pytest.mark.parametrize(
    ("route", "request_path", "values"),
    [
        ("/", "/", []),
        ("/users/me", "/users/me", []),
        ("/users/{id}", "/users/42", ["42"]),
        ("/users/{id}", "/users/Zoë", ["Zoë"]),
        ("/users/{id}", "/users/a\nb", ["a\nb"]),
        ("/{a}/x/{b}", "/1/x/2", ["1", "2"]),
        ("/{b}/{a}", "/1/2", ["1", "2"]),
        ("/café/{id}", "/café/1", ["1"]),
        ("/100%/{id}", "/100%/%41", ["%41"]),
        ("/a//{b}", "/a//1", ["1"]),
        ("/x/{id}/", "/x/1/", ["1"]),
        ("/user-{id}", "/user-7", ["7"]),
        ("/{name}.json", "/a.b.json", ["a.b"]),
        ("/{name}.{ext}", "/archive.tar.gz", ["archive.tar", "gz"]),
        ("/{name}.{ext}", "/a.b..", ["a.b", "."]),
        ("/{a}--{b}", "/x---y", ["x-", "y"]),
        ("/v{major}.{minor}.{patch}-beta", "/v1.2.3.4-beta", ["1.2", "3", "4"]),
        ("/{a}{b}", "/xyz", ["xy", "z"]),
        ("/{size:int}{unit}", "/12kg", ["12", "kg"]),
        ("/{size:int}{unit}", "/12", ["1", "2"]),
        ("/{number:int}-{slug}", "/12-a-b", ["12", "a-b"]),
        ("/{slug}-{number:int}", "/a-b-12", ["a-b", "12"]),
        ("/{slug}--{number:int}", "/a---12", ["a-", "12"]),
        ("/{slug}-{key:uuid}", f"/a-b-{SOME_UUID}", ["a-b", SOME_UUID]),
        ("/{a:float}{b}", "/1.5.7", ["1.5", ".7"]),
        ("/{a:float}{b}", "/1.5", ["1", ".5"]),
        ("/{a:float}{b:path}", "/1.5.7", ["1.5", ".7"]),
        ("/{a:float}{b:path}", "/12x.5", ["12", "x.5"]),
        ("/{a}1{b:float}", "/x11.5", ["x", "1.5"]),
        ("/{a:float},{b:float}", "/1.5,20", ["1.5", "20"]),
        ("/{n:int}", "/007", ["007"]),
        ("/{n:float}", "/1", ["1"]),
        ("/{n:float}", "/1.50", ["1.50"]),
        ("/{key:uuid}", f"/{SOME_UUID}", [SOME_UUID]),
        ("/{key:uuid}", f"/{SOME_UUID.replace('-', '').upper()}", [SOME_UUID.replace("-", "").upper()]),
        ("/f/{rest:path}", "/f/", [""]),
        ("/f/{rest:path}", "/f/a/b//", ["a/b//"]),
        ("/f{rest:path}", "/f", [""]),
        ("/{rest:path}", "/", [""]),
        ("/f/{p:path}/info", "/f/a/info/info", ["a/info"]),
        ("/f/{p:path}/info", "/f//info", [""]),
        ("/f/{p:path}.{ext}", "/f/a/b.c.d", ["a/b.c", "d"]),
        ("/f/{p:path}/{name}", "/f/a/b/c", ["a/b", "c"]),
        ("/f/{p:path}/{id:int}/{q:path}", "/f/a/1/2/b", ["a/1", "2", "b"]),
        ("/f/{a:path}-{b:path}", "/f/x-/-y", ["x-/", "y"]),
    ],
)
def test_path_matches(route: str, request_path: str, values: list[str]) -> None:
    assert found(tree_of(f"GET {route}"), f"GET {request_path}") == (route, values)


@pytest.mark.parametrize(
    ("route", "request_path"),
    [
        ("/", ""),
        ("/{rest:path}", ""),
        ("/{rest:path}", "*"),
        ("/users", "users"),
        ("/{id}", "xid"),
        ("/x", "/x/"),
        ("/x/", "/x"),
        ("/x", "//x"),
        ("/x", "/X"),
        ("/x", "/x\n"),
        ("/x/{id}", "/x"),
        ("/x/{id}", "/x/"),
        ("/x/{id}", "/x/1/"),
        ("/x/{id}", "/x//1"),
        ("/x/{id}/y", "/x/1"),
        ("/x/{id}/y", "/x/1/y/z"),
        ("/a b/{id}", "/a%20b/1"),
        ("/user-{id}", "/user-"),
        ("/user-{id}", "/xuser-1"),
        ("/{name}.json", "/.json"),
        ("/ab{x:path}bc", "/abc"),
        ("/{name}.{ext}", "/name."),
        ("/{name}.{ext}", "/.ext"),
        ("/{name}.{ext}", "/name"),
        ("/{a}{b}", "/x"),
        ("/{n:int}", "/12a"),
        ("/{n:int}", "/-1"),
        ("/{n:int}", "/٣"),
        ("/{n:int}", "/1\n"),
        ("/{n:float}", "/1."),
        ("/{n:float}", "/.5"),
        ("/{n:float}", "/1e5"),
        ("/{n:float}", "/1.2.3"),
        ("/{key:uuid}", f"/{SOME_UUID}0"),
        ("/{key:uuid}", f"/{SOME_UUID[:-1]}"),
        ("/{key:uuid}", f"/{SOME_UUID[:-1]}g"),
        ("/f/{rest:path}", "/f"),
        ("/f/{p:path}/info", "/f/info"),
        ("/f/{p:path}/{name}", "/f/a/"),
        ("/f/{p:path}.{ext}", "/f/a.b/c"),
    ],
)
def test_path_does_not_match(route: str, request_path: str) -> None:
    assert found(tree_of(f"GET {route}"), f"GET {request_path}") is None


@pytest.mark.parametrize(
    ("request_path", "route"),
    [
        ("/x/me", "/x/me"),
        ("/x/user-1", "/x/user-{n}"),
        (f"/x/{SOME_UUID}", "/x/{key:uuid}"),
        ("/x/12345678123412341234123456789012", "/x/{key:uuid}"),
        ("/x/12", "/x/{number:int}"),
        ("/x/1.5", "/x/{number:float}"),
        ("/x/other", "/x/{name}"),
        ("/x/a/b", "/x/{rest:path}"),
        ("/x/a/b.txt", "/x/{file:path}.txt"),
    ],
)
@pytest.mark.parametrize("step", [1, -1])
def test_narrower_segment_comes_first_whatever_the_order_of_registration(request_path: str, route: str, step: int) -> None:
    routes = ["/x/me", "/x/user-{n}", "/x/{key:uuid}", "/x/{number:int}", "/x/{number:float}", "/x/{name}"]
    routes += ["/x/{file:path}.txt", "/x/{rest:path}"]
    answer = found(tree_of(*[f"GET {path}" for path in routes[::step]]), f"GET {request_path}")
    assert answer is not None
    assert answer[0] == route


@pytest.mark.parametrize(
    ("request_path", "first", "second"),
    [
        ("/a.json", "/{name}.json", "/{name}.{ext}"),
        ("/a.json", "/{name}.json", "/{name}n"),
        ("/user-1", "/user-{id:int}", "/user-{name}"),
        ("/42", "/{a}{b}", "/{a:int}"),
        ("/x/y", "/{p:path}/{name}", "/{p:path}"),
    ],
)
@pytest.mark.parametrize("step", [1, -1])
def test_of_two_patterns_the_more_definite_comes_first(request_path: str, first: str, second: str, step: int) -> None:
    tree = tree_of(*[f"GET {path}" for path in [first, second][::step]])
    answer = found(tree, f"GET {request_path}")
    assert answer is not None
    assert answer[0] == first


def test_of_equal_patterns_the_earlier_comes_first() -> None:
    assert found(tree_of("GET /{x}b", "GET /a{x}"), "GET /aab") == ("/{x}b", ["aa"])


def test_literal_text_that_leads_nowhere_gives_way_to_a_parameter() -> None:
    assert found(tree_of("GET /a/me/posts", "GET /a/{id}/profile"), "GET /a/me/profile") == ("/a/{id}/profile", ["me"])


def test_what_a_dead_end_captured_is_forgotten() -> None:
    tree = tree_of("GET /{a}.{b}/{c}/x", "GET /{d:int}.5/{e}/y", "GET /{f}/{g}/z", "GET /{rest:path}")
    assert found(tree, "GET /1.5/2/end") == ("/{rest:path}", ["1.5/2/end"])


def test_a_target_without_the_method_gives_way_to_a_wider_path() -> None:
    assert found(tree_of("GET /c/me", "POST /c/{id}"), "POST /c/me") == ("/c/{id}", ["me"])


def test_names_belong_to_the_route() -> None:
    tree = tree_of("GET /b/{id}", "GET /b/{user_id}/posts")
    assert [found(tree, "GET /b/1"), found(tree, "GET /b/1/posts")] == [("/b/{id}", ["1"]), ("/b/{user_id}/posts", ["1"])]


def test_parameters_at_one_position_may_be_called_differently_by_method() -> None:
    tree = tree_of("GET /b/{id}", "POST /b/{name}")
    assert [found(tree, "GET /b/1"), found(tree, "POST /b/1")] == [("/b/{id}", ["1"]), ("/b/{name}", ["1"])]


def test_unknown_method_finds_nothing() -> None:
    assert found(tree_of("GET /x", "POST /{id}"), "DELETE /x") is None


def test_head_is_answered_by_get() -> None:
    assert found(tree_of("GET /x/{id}"), "HEAD /x/1") == ("/x/{id}", ["1"])


def test_get_is_not_answered_by_head() -> None:
    assert found(tree_of("HEAD /x/{id}"), "GET /x/1") is None


def test_explicit_head_comes_before_get_at_any_leaf() -> None:
    assert found(tree_of("GET /x/me", "HEAD /x/{id}"), "HEAD /x/me") == ("/x/{id}", ["me"])


def test_a_target_for_every_method_does_not_take_head_from_a_narrower_get() -> None:
    assert found(tree_of("* /{rest:path}", "GET /x/{id}"), "HEAD /x/1") == ("/x/{id}", ["1"])


@pytest.mark.parametrize("method", ["GET", "HEAD", "PROPFIND"])
def test_a_target_without_methods_answers_all(method: str) -> None:
    assert found(tree_of("* /x/{rest:path}"), f"{method} /x/1") == ("/x/{rest:path}", ["1"])


def test_a_later_target_for_every_method_answers_what_the_earlier_does_not() -> None:
    tree = tree_of("GET /x/{id}", "* /x/{any}")
    assert [found(tree, "GET /x/1"), found(tree, "PUT /x/1")] == [("/x/{id}", ["1"]), ("/x/{any}", ["1"])]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("GET /x", "GET /x"),
        ("GET,POST /x/{id}", "POST,PUT /x/{name}"),
        ("GET /x/{id}", "GET /x/{id:str}"),
        ("GET /{a}.{b}/{p:path}", "GET /{x}.{y}/{z:path}"),
        ("* /x", "GET /x"),
        ("GET /x", "* /x"),
        ("* /x", "* /x"),
    ],
)
def test_adding_returns_the_earlier_target_of_the_same_shape_and_method(earlier: str, later: str) -> None:
    tree = RouteTree()
    first = target_of(earlier)
    assert tree.add(first) is None
    assert tree.add(target_of(later)) is first


def test_adding_returns_the_first_by_method_of_several_earlier_targets() -> None:
    tree = tree_of("POST /x")
    get = target_of("GET /x")
    tree.add(get)
    assert tree.add(target_of("POST,GET /x")) is get


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("GET /x", "POST /x"),
        ("GET /x", "HEAD /x"),
        ("GET /x", "GET /x/"),
        ("GET /x/{id}", "GET /x/{id:int}"),
        ("GET /x/me", "GET /x/{id}"),
        ("GET /x/{id}", "GET /x/{id}/y"),
        ("GET /x/{a}{b}", "GET /x/{a}"),
    ],
)
def test_adding_returns_none_where_nothing_is_hidden(earlier: str, later: str) -> None:
    assert tree_of(earlier).add(target_of(later)) is None


def test_the_first_target_wins_and_the_second_keeps_its_other_methods() -> None:
    tree = tree_of("GET /x/{id}", "GET,POST /x/{name}")
    assert [found(tree, "GET /x/1"), found(tree, "POST /x/1")] == [("/x/{id}", ["1"]), ("/x/{name}", ["1"])]


def test_allowed_methods_come_from_every_matching_path() -> None:
    tree = tree_of("POST /x/me", "DELETE,PATCH /x/{id}", "PUT /{rest:path}", "OPTIONS /y")
    assert tree.allowed_methods("/x/me") == ["DELETE", "PATCH", "POST", "PUT"]


def test_head_is_allowed_where_get_is() -> None:
    assert tree_of("GET /x/{id}", "POST /y").allowed_methods("/x/1") == ["GET", "HEAD"]


def test_no_method_is_allowed_at_an_unknown_path() -> None:
    assert tree_of("GET /x", "POST /x/{id}", "* /y").allowed_methods("/z") == []


def test_a_target_for_every_method_allows_the_common_ones_and_those_that_routes_name() -> None:
    assert tree_of("* /x", "PURGE /y").allowed_methods("/x") == sorted({*COMMON_METHODS, "PURGE"})


def test_an_empty_tree_finds_nothing() -> None:
    tree = RouteTree()
    assert (found(tree, "GET /"), found(tree, "HEAD /"), tree.allowed_methods("/")) == (None, None, [])


def test_ten_thousand_routes_are_all_found() -> None:
    routes = [path for n in range(2_500) for path in (f"/s{n}", f"/d{n}/{{id}}", f"/v1/n{n}/{{id}}/sub", f"/v1/users/{{id}}/r{n}")]
    tree = tree_of(*[f"GET {path}" for path in routes])
    missed = [path for path in routes if found(tree, f"GET {path.format(id='7')}") != (path, ["7"] if "{" in path else [])]
    assert missed == []


def test_the_deepest_route_is_found() -> None:
    route = "".join([f"/{{p{n}}}" for n in range(MAX_SEGMENTS)])
    assert found(tree_of(f"GET {route}"), "GET " + "/x" * MAX_SEGMENTS) == (route, ["x"] * MAX_SEGMENTS)


# What follows would not end in a lifetime if dead ends were explored more than once, or lengths multiplied.


def test_forks_at_every_level_do_not_multiply() -> None:
    levels = 40
    routes = []
    for low in range(levels):
        for high in range(low, levels):
            steps = [f"{{p{level}}}" if level in {low, high} else "a" for level in range(levels)]
            routes.append("GET /" + "/".join(steps) + "/end")
    assert found(tree_of(*routes), "GET " + "/a" * levels + "/missing") is None


@pytest.mark.parametrize(
    "route",
    [
        "/{a}-{b}-{c}-{d}-{e}-{f}-{g}-{h}",
        "/{a:int}-{b}-{c}-{d}-{e}-{f}-{g}-{h}",
        "/{a}{b}{c}{d}{e}{f}{g}!{z}",
        "/{a:path}-{b:path}-{c:path}-{d:path}-{e:path}!{z}",
        "/{a:float}{b:float}{c:float}{d:float}{e:float}!{z}",
        "/{a:uuid}{b:path}{c:uuid}{d:path}{e:uuid}!{z}",
    ],
)
@pytest.mark.parametrize("text", ["-", "1", "1.", "1-"])
def test_parameters_side_by_side_do_not_multiply(route: str, text: str) -> None:
    assert found(tree_of(f"GET {route}"), "GET /" + text * (LONGEST // len(text)) + "/") is None


def test_thirty_thousand_slashes_find_nothing() -> None:
    tree = tree_of("GET /{a}/{b}", "GET //{a}", "GET /{a}/{b}/{rest:path}/end", "GET /{x:path}/y/{z:path}/end")
    assert found(tree, "GET " + "/a" * 30_000) is None


def test_thirty_thousand_slashes_fit_a_path_parameter() -> None:
    rest = "/".join(["a"] * 30_000)
    assert found(tree_of("GET /f/{rest:path}/end"), f"GET /f/{rest}/end") == ("/f/{rest:path}/end", [rest])


# The tree compared with the plainest matcher that keeps the same rules: a sorted list of regular expressions.

EXPRESSIONS: Final = {
    "uuid": "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}",
    "int": "[0-9]+",
    "float": r"[0-9]+(?:\.[0-9]+)?",
    "str": "[^/]+",
    "path": ".*",
}
RANKS: Final = {name: rank for rank, name in enumerate(EXPRESSIONS)}


class Part(NamedTuple):
    """Literal text, or a parameter if it has a converter."""

    text: str
    converter: str = ""


class Plain(NamedTuple):
    """A route for the reference matcher: its segments, of which the last may be a tail."""

    segments: tuple[tuple[Part, ...], ...]
    methods: frozenset[str]

    @property
    def path(self) -> str:
        text = "".join(["/" + "".join([f"{{?:{part.converter}}}" if part.converter else part.text for part in s]) for s in self.segments])
        for number in range(text.count("?")):
            text = text.replace("?", f"p{number}", 1)
        return text

    @property
    def expression(self) -> str:
        return "".join(
            ["/" + "".join([f"({EXPRESSIONS[p.converter]})" if p.converter else re.escape(p.text) for p in s]) for s in self.segments]
        )

    def captures(self, path: str) -> list[str] | None:
        match = re.fullmatch(self.expression, path, re.DOTALL)
        return None if match is None else list(match.groups())

    def answers(self, method: str) -> bool:
        return not self.methods or method in self.methods


class Reference:
    """Finds routes by trying them all, in the order of their segments."""

    def __init__(self, routes: list[Plain]) -> None:
        seen: dict[tuple[tuple[Part, ...], ...], int] = {}
        self._keys = {}
        for route in routes:
            prefixes = [route.segments[: depth + 1] for depth in range(len(route.segments))]
            self._keys[route.segments] = [(*segment_order(prefix[-1]), seen.setdefault(prefix, len(seen))) for prefix in prefixes]
        self.routes = sorted(routes, key=lambda route: self._keys[route.segments])

    def matching(self, path: str) -> list[Plain]:
        return [route for route in self.routes if route.captures(path) is not None]

    def match(self, method: str, path: str) -> Plain | None:
        matching = self.matching(path)
        if method == "HEAD":
            explicit = next((route for route in matching if "HEAD" in route.methods), None)
            return explicit or self.match("GET", path)
        return next((route for route in matching if route.answers(method)), None)

    def allowed_methods(self, path: str) -> list[str]:
        allowed: set[str] = set()
        for route in self.matching(path):
            allowed |= route.methods or COMMON_METHODS
        return sorted(allowed | {"HEAD"} if "GET" in allowed else allowed)


def segment_order(segment: tuple[Part, ...]) -> tuple[int, int, list[int]]:
    ranks = [RANKS[part.converter] for part in segment if part.converter]
    length = sum(len(part.text) for part in segment)
    if not ranks:
        return 0, 0, []
    kind = 2 if len(segment) == 1 else 1
    return (kind + 2 if RANKS["path"] in ranks else kind), -length, ranks


LITERALS: Final = st.sampled_from(["a", "b", "1", "-", ".", "a.", "é", "1-a"])
CONVERTERS: Final = st.sampled_from(["str", "str", "int", "float"])


def parts(texts: st.SearchStrategy[str], converters: st.SearchStrategy[str]) -> st.SearchStrategy[Part]:
    return st.one_of(texts.map(Part), converters.map(lambda converter: Part("", converter)))


def joined(segment: list[Part]) -> tuple[Part, ...]:
    """One part where literal parts stand side by side, as parsing gives them."""
    result: list[Part] = []
    for part in segment:
        if result and not part.converter and not result[-1].converter:
            result[-1] = Part(result[-1].text + part.text)
        else:
            result.append(part)
    return tuple(result)


SEGMENTS: Final = st.one_of(
    LITERALS.map(lambda text: (Part(text),)),
    CONVERTERS.map(lambda converter: (Part("", converter),)),
    st.lists(parts(LITERALS, CONVERTERS), max_size=5).map(joined),
)
TAILS: Final = st.one_of(
    st.just((Part("", "path"),)),
    st.builds(
        lambda before, behind: joined([*before, Part("", "path"), *behind]),
        st.lists(parts(LITERALS, CONVERTERS), max_size=2),
        st.lists(parts(st.sampled_from(["/", "/a", ".", "1/"]), st.sampled_from(["str", "int", "float", "path"])), max_size=3),
    ),
)
METHODS: Final = st.sampled_from(["GET", "GET", "POST", "HEAD", "GET,HEAD", "GET,POST", ""]).map(
    lambda names: frozenset(names.split(",") if names else [])
)
ROUTES: Final = st.builds(
    lambda segments, tails, methods: Plain((*segments, *tails), methods),
    st.lists(SEGMENTS, min_size=1, max_size=3),
    st.lists(TAILS, max_size=1),
    METHODS,
)


@st.composite
def requests(draw: st.DrawFn, routes: list[Plain]) -> tuple[str, str]:
    """A method, and a path that often fits one of the routes."""
    method = draw(st.sampled_from(["GET", "POST", "HEAD", "DELETE"]))
    if not routes or draw(st.integers(0, 3)) == 0:
        return method, draw(st.text("/ab1.-é\n", max_size=12).map(lambda text: "/" + text))
    value = st.sampled_from(["a", "1", "11", "1.1", ".", "-", "a.1", "1-a"])
    route = draw(st.sampled_from(routes))
    path = "".join(["/" + "".join([draw(value) if part.converter else part.text for part in segment]) for segment in route.segments])
    return method, path


@settings(max_examples=300, deadline=None)
@given(st.data(), st.lists(ROUTES, max_size=12))
def test_the_tree_finds_what_a_list_of_expressions_finds(data: st.DataObject, routes: list[Plain]) -> None:
    tree = RouteTree()
    added: list[tuple[Plain, PathTarget]] = []
    for route in routes:
        target = PathTarget(parse_path(route.path), route.methods)
        overlapping = [
            earlier
            for plain, earlier in added
            if plain.segments == route.segments and (not plain.methods or not route.methods or plain.methods & route.methods)
        ]
        earlier = tree.add(target)
        assert earlier in overlapping if overlapping else earlier is None
        added.append((route, target))
    reference = Reference(routes)
    for _ in range(5):
        method, path = data.draw(requests(routes))
        expected = reference.match(method, path)
        answer = found(tree, f"{method} {path}")
        assert answer == (None if expected is None else (expected.path, expected.captures(path)))
        assert tree.allowed_methods(path) == reference.allowed_methods(path)
