"""The query string as a mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

from mypy_extensions import mypyc_attr

from fasterapi.datastructures.multidict import ImmutableMultiDict


@mypyc_attr(allow_interpreted_subclasses=True)
class QueryParams(ImmutableMultiDict[str, str]):
    """The parameters of a query; of several with one name, `params[name]` is the last and `getlist` gives all.

    Example: `QueryParams("tag=a&tag=b").getlist("tag")` is `["a", "b"]`; `str()` of it is the query again.
    """

    def __init__(self, params: Mapping[str, object] | Iterable[tuple[str, object]] | str | bytes = (), /, **more: object) -> None:
        pairs: list[tuple[str, str]]
        if isinstance(params, bytes):
            pairs = parse_qsl(params.decode("latin-1"), keep_blank_values=True)
        elif isinstance(params, str):
            pairs = parse_qsl(params, keep_blank_values=True)
        else:
            pairs = [(str(name), str(value)) for name, value in ImmutableMultiDict(params).multi_items()]
        pairs.extend([(name, str(value)) for name, value in more.items()])
        super().__init__(pairs)

    def __str__(self) -> str:
        return urlencode(self.multi_items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"
