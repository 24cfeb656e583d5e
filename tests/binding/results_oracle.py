"""FastAPI is asked what a result should become: the same result for its model, its answer or its faults."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Coroutine
from typing import Any

import pytest
from fastapi.exceptions import ResponseValidationError as TheirError
from fastapi.routing import serialize_response
from fastapi.utils import create_model_field
from starlette.responses import JSONResponse

from fasterapi.binding.markers import MISSING
from fasterapi.binding.results import ResultOptions, encoder_for
from fasterapi.errors import ErrorItem, ResponseValidationError

REFUSED = "refused"
"""The answer to a result that FastAPI refuses without telling faults."""


def answer(model: Any, result: Any, **options: Any) -> Any:
    """What this package sends: the JSON value, or the faults as kind, location and message."""
    try:
        return json.loads(encoder_for(model, ResultOptions(**options)).encode(result))
    except ResponseValidationError as error:
        return [_fault(item) for item in error.errors()]


def right_answer(model: Any, result: Any, **options: Any) -> Any:
    """What FastAPI sends."""
    with warnings.catch_warnings():
        # pydantic warns of what it sends although it does not fit.
        warnings.simplefilter("ignore")
        try:
            return json.loads(_encode(model, result, options))
        except TheirError as error:
            return [_fault(item) for item in error.errors()]
        except Exception:  # noqa: BLE001  # whatever it is, it ends as a 500
            return REFUSED


def _fault(item: Any) -> tuple[str, tuple[str | int, ...], str]:
    # FastAPI does not count on where it takes the items one by one; we have them all.
    return item["type"], tuple(item["loc"]), re.sub(r"not (more|\d+)$", "not so many", item["msg"])


def _encode(model: Any, result: Any, options: dict[str, Any]) -> bytes:
    if model is MISSING:
        return bytes(JSONResponse(_finish(serialize_response(response_content=result))).body)
    field = create_model_field(name="Response_result", type_=model, mode="serialization")
    found: bytes = _finish(serialize_response(field=field, response_content=result, dump_json=True, **options))
    return found


def _finish(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waited")


def sent(model: object, result: object, **options: Any) -> Any:
    """The JSON value that is sent for a result."""
    return json.loads(encoder_for(model, ResultOptions(**options)).encode(result))


def faults(model: object, result: object) -> list[ErrorItem]:
    """The faults of a result that does not fit."""
    with pytest.raises(ResponseValidationError) as caught:
        encoder_for(model, ResultOptions()).encode(result)
    return caught.value.errors()
