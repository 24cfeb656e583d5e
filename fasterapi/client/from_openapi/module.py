"""The text of a client's module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from fasterapi.client.from_openapi.document import read_document
from fasterapi.client.from_openapi.names import quoted
from fasterapi.client.from_openapi.operations import OperationWriter
from fasterapi.client.from_openapi.types import ANY, Types, sentence

_NAME = re.compile(r"\b[A-Za-z_]\w*\b")


def generate_client(document: Mapping[str, Any] | str | bytes) -> str:
    """The source of a typed client of a service, of its OpenAPI 3 document.

    The module has a class for each schema, and `api`, a router with a function for each operation. Raises `DocumentError` for a
    document that cannot be read.

    Example:
        Path("shop.py").write_text(generate_client(Path("openapi.json").read_text()))

        import shop
        app = FastHTTP(base_url=shop.BASE_URL, auth=BearerAuth(token))
        app.include_router(shop.api)
        item = await app.call(shop.read_item, item_id=7)
    """
    read = read_document(document)
    types = Types(read)
    types.define_all()
    operations = OperationWriter(read, types).write_all()
    aliases = _ordered_aliases(types.aliases)
    body = "\n\n\n".join(
        [
            *types.classes.values(),
            *([aliases] if aliases else []),
            "api = Router()",
            *operations,
        ]
    )
    title = sentence(f"Client of {read.title}, generated from its OpenAPI document: generate it anew instead of changing it")
    head = [f'"""{title}"""', "", "from __future__ import annotations", "", *_imports(body), ""]
    head.append(f"BASE_URL = {quoted(read.base_url)}" if read.base_url is not None else "BASE_URL: str | None = None")
    return "\n".join([*head, '"""Where the service is, as its document says."""', "", "", body, ""])


def _imports(body: str) -> list[str]:
    """What the module needs, and nothing else."""
    used = set(_NAME.findall(body))
    lines = [f"import {module}" for module in ("datetime", "uuid") if f"{module}." in body]
    typing = [name for name in ("Annotated", "Any", "Literal", "TypeAlias") if name in used]
    if typing:
        lines.append(f"from typing import {', '.join(typing)}")
    if lines:
        lines.append("")
    if "msgspec." in body:
        lines.extend(["import msgspec", ""])
    names = ("Body", "Cookie", "File", "FileValue", "Form", "Header", "Query", "Response", "Router")
    lines.append(f"from fasterapi.client import {', '.join(name for name in names if name in used)}")
    return lines


def _ordered_aliases(aliases: Mapping[str, str]) -> str:
    """The named types, each after those that it is made of; one that is made of itself can be anything."""
    needs = {name: {used for used in _NAME.findall(kind) if used in aliases} for name, kind in aliases.items()}
    written = dict(aliases)
    while True:
        try:
            order = list(TopologicalSorter(needs).static_order())
        except CycleError as circle:
            name = circle.args[1][0]
            written[name] = ANY
            needs[name] = set()
        else:
            return "\n".join([f"{name}: TypeAlias = {written[name]}" for name in order])
