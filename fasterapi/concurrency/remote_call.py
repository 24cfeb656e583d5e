"""The other end of a call in a process or an isolated interpreter.

It needs nothing but the standard library, because nothing else can be counted on there: where extension modules cannot be
imported, neither can this package, and this source is run by itself.
"""

from __future__ import annotations

import pickle
import traceback

RETURNED = 0
RAISED = 1
NOT_LOADED = 2
"""How a call ended: the last one before the function was found."""


def call(request: bytes) -> bytes:
    """Call the function in a request and give the answer: how it ended, the result or the exception, its traceback."""
    try:
        function, args, kwargs = pickle.loads(request)  # noqa: S301 - it comes from this program itself
    except BaseException as error:  # noqa: BLE001 - whatever a module raises when it is imported
        return _failed(NOT_LOADED, error)
    try:
        return pickle.dumps((RETURNED, function(*args, **kwargs), ""), pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # noqa: BLE001 - whatever it raises is told to who called
        return _failed(RAISED, error)


def _failed(how: int, error: BaseException) -> bytes:
    trace = "".join(traceback.format_exception(error))
    try:
        answer = pickle.dumps((how, error, trace), pickle.HIGHEST_PROTOCOL)
        # Some exceptions can be written, but not read again.
        pickle.loads(answer)  # noqa: S301 - as above
    except BaseException:  # noqa: BLE001 - and some not even written
        described = RuntimeError(f"{type(error).__qualname__}: {error}")
        return pickle.dumps((how, described, trace), pickle.HIGHEST_PROTOCOL)
    return answer
