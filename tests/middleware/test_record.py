from __future__ import annotations

from fasterapi.middleware import BaseHTTPMiddleware, CORSMiddleware, GZipMiddleware, Middleware
from tests.middleware.asking import answering, ask


def test_it_gives_its_parts() -> None:
    cls, args, kwargs = Middleware(GZipMiddleware, 100, compresslevel=1)
    assert (cls, args, kwargs) == (GZipMiddleware, (100,), {"compresslevel": 1})


def test_it_shows_what_it_is() -> None:
    assert repr(Middleware(GZipMiddleware, 100, compresslevel=1)) == "Middleware(GZipMiddleware, 100, compresslevel=1)"


async def test_it_wraps_an_application() -> None:
    app = Middleware(CORSMiddleware, allow_origins=["https://a.example"]).wrap(answering(b"in"))
    assert isinstance(app, CORSMiddleware)
    assert (await ask(app)).body == b"in"


async def test_it_takes_a_function_for_dispatch() -> None:
    async def teapot(request, call_next):  # type: ignore[no-untyped-def]  # as users write it
        response = await call_next(request)
        response.status_code = 418
        return response

    assert (await ask(Middleware(BaseHTTPMiddleware, dispatch=teapot).wrap(answering()))).status == 418
