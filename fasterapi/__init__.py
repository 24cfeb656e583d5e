"""A typed, compiled ASGI framework for people who know FastAPI."""

from __future__ import annotations

import os as _os

if _os.environ.get("FASTERAPI_PURE", "0") not in ("", "0"):
    from fasterapi._sources import prefer_sources as _prefer_sources

    _prefer_sources()
elif _os.path.exists(_os.path.join(_os.path.dirname(_os.path.dirname(__file__)), "pyproject.toml")):
    # A source checkout: only here can extension modules be older than the sources beside them.
    from fasterapi._sources import warn_of_stale_modules as _warn_of_stale_modules

    _warn_of_stale_modules()

from fasterapi import status as status
from fasterapi._compat import COMPILED as COMPILED
from fasterapi._version import __version__ as __version__
from fasterapi.app import Faster as Faster
from fasterapi.background import BackgroundTask as BackgroundTask
from fasterapi.background import BackgroundTasks as BackgroundTasks
from fasterapi.binding.graph import GraphError as GraphError
from fasterapi.binding.markers import Body as Body
from fasterapi.binding.markers import Cookie as Cookie
from fasterapi.binding.markers import Depends as Depends
from fasterapi.binding.markers import File as File
from fasterapi.binding.markers import Form as Form
from fasterapi.binding.markers import Header as Header
from fasterapi.binding.markers import Path as Path
from fasterapi.binding.markers import Query as Query
from fasterapi.binding.markers import Security as Security
from fasterapi.concurrency.iteration import iterate_in_threadpool as iterate_in_threadpool
from fasterapi.concurrency.subinterpreters import SubInterpreterPool as SubInterpreterPool
from fasterapi.concurrency.subinterpreters import run_in_executor as run_in_executor
from fasterapi.concurrency.subinterpreters import run_in_subinterpreter as run_in_subinterpreter
from fasterapi.concurrency.threads import run_in_threadpool as run_in_threadpool
from fasterapi.concurrency.threads import set_thread_limit as set_thread_limit
from fasterapi.errors import HTTPException as HTTPException
from fasterapi.errors import RequestValidationError as RequestValidationError
from fasterapi.errors import ResponseValidationError as ResponseValidationError
from fasterapi.errors import WebSocketException as WebSocketException
from fasterapi.errors import WebSocketRequestValidationError as WebSocketRequestValidationError
from fasterapi.http.connection import HTTPConnection as HTTPConnection
from fasterapi.http.file_response import FileResponse as FileResponse
from fasterapi.http.forms_limits import FormLimits as FormLimits
from fasterapi.http.json_lines import JSONLinesResponse as JSONLinesResponse
from fasterapi.http.request import Request as Request
from fasterapi.http.responses import HTMLResponse as HTMLResponse
from fasterapi.http.responses import JSONResponse as JSONResponse
from fasterapi.http.responses import PlainTextResponse as PlainTextResponse
from fasterapi.http.responses import RedirectResponse as RedirectResponse
from fasterapi.http.responses import Response as Response
from fasterapi.http.server_sent_event import ServerSentEvent as ServerSentEvent
from fasterapi.http.server_sent_events import EventSourceResponse as EventSourceResponse
from fasterapi.http.streaming import StreamingResponse as StreamingResponse
from fasterapi.http.uploads import UploadFile as UploadFile
from fasterapi.routing.router import FasterRouter as FasterRouter
from fasterapi.websocket import WebSocket as WebSocket
from fasterapi.websocket import WebSocketDisconnect as WebSocketDisconnect

FastAPI = Faster
"""The name that FastAPI's users know; the same class."""

APIRouter = FasterRouter
"""The name that FastAPI's users know; the same class."""

__all__ = [
    "COMPILED",
    "APIRouter",
    "BackgroundTask",
    "BackgroundTasks",
    "Body",
    "Cookie",
    "Depends",
    "EventSourceResponse",
    "FastAPI",
    "Faster",
    "FasterRouter",
    "File",
    "FileResponse",
    "Form",
    "FormLimits",
    "GraphError",
    "HTMLResponse",
    "HTTPConnection",
    "HTTPException",
    "Header",
    "JSONLinesResponse",
    "JSONResponse",
    "Path",
    "PlainTextResponse",
    "Query",
    "RedirectResponse",
    "Request",
    "RequestValidationError",
    "Response",
    "ResponseValidationError",
    "Security",
    "ServerSentEvent",
    "StreamingResponse",
    "SubInterpreterPool",
    "UploadFile",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "WebSocketRequestValidationError",
    "__version__",
    "iterate_in_threadpool",
    "run_in_executor",
    "run_in_subinterpreter",
    "run_in_threadpool",
    "set_thread_limit",
    "status",
]
