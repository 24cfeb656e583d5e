"""What FastAPI's documentation imports from a module of FastAPI can be imported from ours of the same name."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import pytest

DOCUMENTED: Final = {
    "": (
        "APIRouter BackgroundTasks Body Cookie Depends FastAPI File Form HTTPException Header Path Query Request Response Security"
        " UploadFile WebSocket WebSocketDisconnect WebSocketException status"
    ),
    ".background": "BackgroundTasks",
    ".concurrency": "iterate_in_threadpool run_in_threadpool",
    ".encoders": "jsonable_encoder",
    ".exception_handlers": "http_exception_handler request_validation_exception_handler websocket_request_validation_exception_handler",
    ".exceptions": ("HTTPException RequestValidationError ResponseValidationError WebSocketException WebSocketRequestValidationError"),
    ".logger": "logger",
    ".middleware": "Middleware",
    ".middleware.cors": "CORSMiddleware",
    ".middleware.gzip": "GZipMiddleware",
    ".middleware.httpsredirect": "HTTPSRedirectMiddleware",
    ".middleware.trustedhost": "TrustedHostMiddleware",
    ".openapi.docs": "get_redoc_html get_swagger_ui_html get_swagger_ui_oauth2_redirect_html",
    ".openapi.utils": "get_openapi",
    ".requests": "HTTPConnection Request",
    ".responses": (
        "EventSourceResponse FileResponse HTMLResponse JSONResponse ORJSONResponse PlainTextResponse RedirectResponse Response"
        " StreamingResponse UJSONResponse"
    ),
    ".routing": "APIRoute APIRouter APIWebSocketRoute",
    ".security": (
        "APIKeyCookie APIKeyHeader APIKeyQuery HTTPAuthorizationCredentials HTTPBasic HTTPBasicCredentials HTTPBearer HTTPDigest OAuth2"
        " OAuth2AuthorizationCodeBearer OAuth2PasswordBearer OAuth2PasswordRequestForm OAuth2PasswordRequestFormStrict OpenIdConnect"
        " SecurityScopes"
    ),
    ".security.utils": "get_authorization_scheme_param",
    ".sse": "EventSourceResponse ServerSentEvent",
    ".staticfiles": "StaticFiles",
    ".templating": "Jinja2Templates",
    ".testclient": "TestClient",
    ".types": "DecoratedCallable IncEx",
    ".websockets": "WebSocket WebSocketDisconnect WebSocketState",
}

STATUS_CODES: Final = import_module("starlette.status").__all__


@pytest.mark.parametrize("module", DOCUMENTED)
def test_a_module_of_fastapi_can_be_swapped(module: str) -> None:
    theirs, ours = import_module(f"fastapi{module}"), import_module(f"fasterapi{module}")
    for name in DOCUMENTED[module].split():
        assert hasattr(theirs, name), f"{name} is nothing of FastAPI's"
        assert hasattr(ours, name), name


@pytest.mark.parametrize("name", ["URL", "Address", "Headers", "QueryParams", "State"])
def test_a_data_structure_of_fastapi_is_found(name: str) -> None:
    assert hasattr(import_module("fastapi.datastructures"), name)
    assert hasattr(import_module("fasterapi.datastructures"), name)


@pytest.mark.filterwarnings("ignore:.*is deprecated")
@pytest.mark.parametrize("name", [*STATUS_CODES, "HTTP_422_UNPROCESSABLE_ENTITY", "HTTP_413_REQUEST_ENTITY_TOO_LARGE"])
def test_a_status_code_has_its_name(name: str) -> None:
    theirs, ours = import_module("starlette.status"), import_module("fasterapi.status")
    assert getattr(ours, name) == getattr(theirs, name)
