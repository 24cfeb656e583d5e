"""The route tree: which route answers a method and a path.

Segments decide, from left to right: literal text is tried before parameters among text (`{name}.{extension}`), those before
bare parameters (`uuid`, `int`, `float`, `str`, in this order), and those before `{rest:path}`. Among parameters with text the
one with more text is tried first, then the one with the narrower converters; only what is still equal is tried in order of
registration. Whatever leads nowhere, for want of a route or of its method, is left again for the next.
"""

from __future__ import annotations

from typing import Any, Final, final

from typing_extensions import override

from fasterapi.http.exchange import MatchedPath
from fasterapi.routing.paths import PathPattern, Segment

# What a target for every method is said to answer: RFC 9110 section 9.3 and RFC 5789, without CONNECT and TRACE, which are
# for proxies and diagnosis.
_COMMON_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class PathTarget(MatchedPath):
    """What a path leads to. Routes derive from it."""

    def __init__(self, pattern: PathPattern, methods: frozenset[str]) -> None:
        self.pattern = pattern
        self.methods = methods
        """The methods it answers, in upper case; none means every method."""

    @override
    def parameters(self, values: list[str]) -> dict[str, Any]:
        return self.pattern.read(values)


@final
class _Leaf:
    """The targets of one shape of path."""

    def __init__(self) -> None:
        self.by_method: dict[str, PathTarget] = {}
        self.any_method: PathTarget | None = None

    def add(self, target: PathTarget) -> PathTarget | None:
        """As `RouteTree.add`."""
        if self.any_method is not None:
            return self.any_method
        if not target.methods:
            self.any_method = target
            return next(iter(self.by_method.values()), None)
        earlier: PathTarget | None = None
        for method in sorted(target.methods):
            holder = self.by_method.setdefault(method, target)
            if holder is not target and earlier is None:
                earlier = holder
        return earlier

    def answer(self, method: str, only_named: bool) -> PathTarget | None:
        """The target for `method`; one for every method counts unless it has to be named."""
        target = self.by_method.get(method)
        if target is None and not only_named:
            return self.any_method
        return target


@final
class _Branch:
    """A segment that is not plain text, and where it leads."""

    def __init__(self, segment: Segment, node: _Node) -> None:
        self.segment = segment
        self.node = node


@final
class _Node:
    """What may follow a slash.

    A node at depth n is entered behind the nth slash only, and from one parent only: so a walk enters each node once at most,
    and forks at every level cannot multiply.
    """

    def __init__(self) -> None:
        self.leaf: _Leaf | None = None
        self.literals: dict[str, _Node] = {}
        self.fitted: list[_Branch] = []
        self.anything: _Node | None = None
        self.tails: list[_Branch] = []

    def branch(self, segment: Segment) -> _Node:
        """The node behind `segment`, made where there is none."""
        if segment.is_static:
            return self.literals.setdefault(segment.shape, _Node())
        if segment.shape == "{str}":
            if self.anything is None:
                self.anything = _Node()
            return self.anything
        branches = self.tails if segment.is_tail else self.fitted
        for branch in branches:
            if branch.segment.shape == segment.shape:
                return branch.node
        node = _Node()
        branches.append(_Branch(segment, node))
        branches.sort(key=_order)
        return node

    def find(self, method: str, only_named: bool, path: str, start: int, values: list[str]) -> PathTarget | None:
        """The first target that answers `method` at the rest of `path`, of which a segment begins at `start`.

        It calls itself once a segment: no deeper than the longest route path, whatever the request's path.
        """
        end = path.find("/", start)
        segment = path[start:] if end < 0 else path[start:end]
        if self.literals:
            node = self.literals.get(segment)
            if node is not None:
                target = node.follow(method, only_named, path, end, values)
                if target is not None:
                    return target
        if self.fitted:
            target = _find_fitted(self.fitted, segment, method, only_named, path, end, values)
            if target is not None:
                return target
        node = self.anything
        if node is not None and segment:
            values.append(segment)
            target = node.follow(method, only_named, path, end, values)
            if target is not None:
                return target
            values.pop()
        if self.tails:
            return _find_fitted(self.tails, path[start:], method, only_named, path, -1, values)
        return None

    def follow(self, method: str, only_named: bool, path: str, slash: int, values: list[str]) -> PathTarget | None:
        """The answer of this node's leaf at the end of `path` (no next slash), else what is found behind the slash."""
        if slash >= 0:
            return self.find(method, only_named, path, slash + 1, values)
        leaf = self.leaf
        return None if leaf is None else leaf.answer(method, only_named)


def _order(branch: _Branch) -> list[int]:
    return branch.segment.order


def _find_fitted(
    branches: list[_Branch], text: str, method: str, only_named: bool, path: str, slash: int, values: list[str]
) -> PathTarget | None:
    count = len(values)
    for branch in branches:
        if branch.segment.capture(text, values):
            target = branch.node.follow(method, only_named, path, slash, values)
            if target is not None:
                return target
            del values[count:]
    return None


@final
class RouteTree:
    """All the routes of an application or router, found by method and path."""

    def __init__(self) -> None:
        self._static: dict[str, _Leaf] = {}
        self._root: Final = _Node()
        self._methods: set[str] = set()

    def add(self, target: PathTarget) -> PathTarget | None:
        """Makes `target` reachable for those of its methods that no earlier target of the same shape of path answers.

        Returns such an earlier target, the first by method, or None where there is none.
        """
        self._methods.update(target.methods or _COMMON_METHODS)
        return self._leaf(target.pattern).add(target)

    def match(self, method: str, path: str, values: list[str]) -> PathTarget | None:
        """The target that answers `method` at `path`, which is percent-decoded already.

        The texts of its parameters are appended to `values` in their order in the path; without a target nothing is.
        HEAD is answered by what answers GET, unless a target names HEAD itself.
        """
        if method != "HEAD":
            return self._find(method, False, path, values)
        if "HEAD" in self._methods:
            target = self._find("HEAD", True, path, values)
            if target is not None:
                return target
        return self._find("GET", False, path, values)

    def allowed_methods(self, path: str) -> list[str]:
        """The methods that some target answers at `path`, sorted; empty where no route has such a path."""
        candidates = self._methods | {"HEAD"} if "GET" in self._methods else self._methods
        return [method for method in sorted(candidates) if self.match(method, path, []) is not None]

    def _find(self, method: str, only_named: bool, path: str, values: list[str]) -> PathTarget | None:
        leaf = self._static.get(path)
        if leaf is not None:
            target = leaf.answer(method, only_named)
            if target is not None:
                return target
        if not path or path[0] != "/":
            return None
        return self._root.find(method, only_named, path, 1, values)

    def _leaf(self, pattern: PathPattern) -> _Leaf:
        if pattern.is_static:
            return self._static.setdefault(pattern.text, _Leaf())
        node = self._root
        for segment in pattern.segments:
            node = node.branch(segment)
        if node.leaf is None:
            node.leaf = _Leaf()
        return node.leaf
