"""What schemathesis has to know of documents like ours, which it reads this file for (`SCHEMATHESIS_HOOKS`)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis import DeserializationContext, HookContext, Response

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Add what every document of ours leaves unsaid."""
    for path in raw_schema["paths"].values():
        for method in _METHODS & path.keys():
            operation = path[method]
            if "requestBody" in operation:
                # As FastAPI's, the document does not say how a body is answered that no parser can read.
                operation["responses"].setdefault("400", {"description": "Malformed body"})
            for response in operation["responses"].values():
                events = response.get("content", {}).get("text/event-stream")
                if events is not None and "items" in events.get("schema", {}):
                    # In the words of OpenAPI 3.2, without which the schema is held against each event and not against all of them.
                    events["itemSchema"] = events["schema"]["items"]


@schemathesis.deserializer("application/jsonl")
def read_lines(context: DeserializationContext, response: Response) -> list[Any]:
    """The items of a stream of lines, which its schema is an array of."""
    return [json.loads(line) for line in response.content.splitlines()]


# Durations of a year and more are written with years and days, as FastAPI writes them, which `format: duration` has no room for
# (RFC 3339, appendix A).
schemathesis.openapi.format("duration", strategies.integers(0, int(dt.timedelta(days=364).total_seconds())).map("PT{}S".format))
