"""Where our middleware parts from Starlette's, which FastAPI hands on."""

from __future__ import annotations

from typing import Final

DIFFERENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("Context variables that a handler sets", "are not seen behind `call_next`", "are seen there"),
    ("A client that leaves before it is answered, behind `BaseHTTPMiddleware`", "`RuntimeError: No response returned`", "ends the request"),
    ("An answer that breaks off behind `BaseHTTPMiddleware`", "is ended as if it were whole", "is seen to be broken off"),
    ("An answer that `dispatch` replaces while it streams", "may go on for ever", "is stopped"),
    ("`call_next` with another `Request`", "hands on the first one", "hands on the one that it is given"),
    ("`call_next` a second time", "fails", "asks again, with a body that `request.body()` kept"),
    ("`BaseHTTPMiddleware` without `dispatch`", "fails with each request", "is refused at start-up"),
    ("An `HTTPException` that `dispatch` raises, for a body that is no JSON, say", "status 500", "is answered as from a handler"),
    ("A body that `dispatch` reads", "may be of any size", "is held to the application's `max_body_size`"),
    ("Origins that CORS does not allow", "are told of credentials and exposed headers", "are told nothing"),
    ("A text where CORS or trusted hosts take a list", "its parts are allowed", "is refused at start-up"),
    ("An allowed origin or host that nobody can send, such as `https://example.org/`", "never matches", "is refused at start-up"),
    ("`Accept-Encoding: gzip;q=0`", "is compressed", "is not compressed"),
    ("The `ETag` of a compressed answer", "stays strong", "becomes weak"),
    ("`Cache-Control: no-transform`, or an answer that grows by it", "is compressed", "is not compressed"),
    ("Two `Host` headers, for `TrustedHostMiddleware`", "the first counts", "are refused"),
    ("A port beyond 65535 in `Host`, for `TrustedHostMiddleware`", "is taken", "is refused"),
    ("A request without a well-formed `Host`, for `HTTPSRedirectMiddleware`", "leads to the server's own address", "gets status 400"),
    ("`%2F` in a path, for `HTTPSRedirectMiddleware`", "leads to `/`", "stays `%2F`"),
    ("A change deep inside a session: `session['cart'].append(1)`", "is lost", "is kept"),
    ("A session that is too large for browsers", "is lost", "is an error"),
    ("A session that a WebSocket changes before it is accepted", "is lost", "is kept"),
    ("A session cookie with a valid signature and other content", "status 500", "is an empty session"),
    ("`secret_key=None`, or a `SecretStr` of pydantic, for sessions", "signs with `None`, or with stars", "is refused, or is read"),
    ("`same_site='none'` without `https_only=True`", "makes a cookie that browsers refuse", "is refused at start-up"),
)
"""Where we part from FastAPI on purpose: the case, what FastAPI does, what we do."""
