"""Outgoing HTTP requests, declared as typed functions.

Example:
    from fasterapi.client import FastHTTP

    app = FastHTTP(base_url="https://api.example.com")

    @app.get("/users/{user_id}")
    async def get_user(user: User, user_id: int) -> User:
        return user

The way of one request: `verbs` notes a declaration, `router` says what surrounds it, `operations` makes it runnable. A run merges
`config`urations, lets `dependencies` change them, and gives them to the `engine`: middleware, hooks, then a `request`. The `sender`
adds auth and cookies, follows redirects, reads the body within limits; a `transport` carries it, over a `pool` of connections whose
addresses the `guard` has judged. What comes back is a `response`, checked by its `models`, and goes to the handler. Nothing in here
imports the server's side above its `binding`, but for the pages of `web`, which are those of `openapi`.
"""

from __future__ import annotations

from importlib.util import find_spec as _find_spec
from typing import TYPE_CHECKING

if _find_spec("httpcore") is None:
    raise ImportError("fasterapi.client needs other packages. Install them with: pip install 'fasterapi-framework[client]'.")

from fasterapi.binding.markers import Body as Body
from fasterapi.binding.markers import Cookie as Cookie
from fasterapi.binding.markers import Depends as Depends
from fasterapi.binding.markers import File as File
from fasterapi.binding.markers import Form as Form
from fasterapi.binding.markers import Header as Header
from fasterapi.binding.markers import Path as Path
from fasterapi.binding.markers import Query as Query
from fasterapi.client.app import FastHTTP as FastHTTP
from fasterapi.client.auth import BasicAuth as BasicAuth
from fasterapi.client.auth import BearerAuth as BearerAuth
from fasterapi.client.auth import DigestAuth as DigestAuth
from fasterapi.client.body import FileValue as FileValue
from fasterapi.client.cookies import CookieJar as CookieJar
from fasterapi.client.cookies import DummyCookieJar as DummyCookieJar
from fasterapi.client.errors import CircuitOpenError as CircuitOpenError
from fasterapi.client.errors import DeclarationError as DeclarationError
from fasterapi.client.errors import FastHTTPCertificateError as FastHTTPCertificateError
from fasterapi.client.errors import FastHTTPConnectionError as FastHTTPConnectionError
from fasterapi.client.errors import FastHTTPError as FastHTTPError
from fasterapi.client.errors import FastHTTPLimitError as FastHTTPLimitError
from fasterapi.client.errors import FastHTTPRedirectError as FastHTTPRedirectError
from fasterapi.client.errors import FastHTTPRequestError as FastHTTPRequestError
from fasterapi.client.errors import FastHTTPTimeoutError as FastHTTPTimeoutError
from fasterapi.client.errors import FastHTTPValidationError as FastHTTPValidationError
from fasterapi.client.errors import SecurityError as SecurityError
from fasterapi.client.errors import SSRFBlockedError as SSRFBlockedError
from fasterapi.client.errors import UntypedHandlerWarning as UntypedHandlerWarning
from fasterapi.client.graphql import FastHTTPGraphQLError as FastHTTPGraphQLError
from fasterapi.client.graphql import GraphQLClient as GraphQLClient
from fasterapi.client.graphql import GraphQLRequest as GraphQLRequest
from fasterapi.client.graphql import GraphQLResponse as GraphQLResponse
from fasterapi.client.graphql import create_graphql_client as create_graphql_client
from fasterapi.client.guard import Guard as Guard
from fasterapi.client.hooks import EventHooks as EventHooks
from fasterapi.client.limits import Limits as Limits
from fasterapi.client.limits import Timeout as Timeout
from fasterapi.client.middleware import BaseMiddleware as BaseMiddleware
from fasterapi.client.middleware import CacheMiddleware as CacheMiddleware
from fasterapi.client.middleware import CircuitBreakerMiddleware as CircuitBreakerMiddleware
from fasterapi.client.middleware import LoggingMiddleware as LoggingMiddleware
from fasterapi.client.middleware import MiddlewareChain as MiddlewareChain
from fasterapi.client.middleware import MiddlewareManager as MiddlewareManager
from fasterapi.client.middleware import RateLimitMiddleware as RateLimitMiddleware
from fasterapi.client.middleware import RequestSigner as RequestSigner
from fasterapi.client.middleware import RetryBudget as RetryBudget
from fasterapi.client.middleware import RetryMiddleware as RetryMiddleware
from fasterapi.client.middleware import SeenNonces as SeenNonces
from fasterapi.client.middleware import SessionMiddleware as SessionMiddleware
from fasterapi.client.middleware import SigningMiddleware as SigningMiddleware
from fasterapi.client.middleware import TracingMiddleware as TracingMiddleware
from fasterapi.client.oauth2 import OAuth2ClientCredentials as OAuth2ClientCredentials
from fasterapi.client.request import Auth as Auth
from fasterapi.client.request import Request as Request
from fasterapi.client.response import FastHTTPBadStatusError as FastHTTPBadStatusError
from fasterapi.client.response import Response as Response
from fasterapi.client.results import Outcome as Outcome
from fasterapi.client.results import Results as Results
from fasterapi.client.route import Route as Route
from fasterapi.client.router import Router as Router
from fasterapi.client.session import AsyncSession as AsyncSession
from fasterapi.client.stream import StreamedResponse as StreamedResponse
from fasterapi.client.sync_session import Session as Session
from fasterapi.client.transport import NetworkTransport as NetworkTransport
from fasterapi.client.transport import Transport as Transport
from fasterapi.client.types import RequestConfig as RequestConfig
from fasterapi.client.websocket import WebSocket as WebSocket
from fasterapi.client.websocket import WebSocketClosed as WebSocketClosed
from fasterapi.client.websocket import WebSocketConnectionError as WebSocketConnectionError
from fasterapi.client.websocket import WebSocketError as WebSocketError
from fasterapi.client.websocket import WebSocketMessage as WebSocketMessage

if TYPE_CHECKING:
    from fasterapi.client.httpx_transport import HttpxTransport as HttpxTransport


def __getattr__(name: str) -> object:
    # httpx brings its command line along, which takes as long to import as all of the client.
    if name == "HttpxTransport":
        from fasterapi.client.httpx_transport import HttpxTransport

        return HttpxTransport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AsyncSession",
    "Auth",
    "BaseMiddleware",
    "BasicAuth",
    "BearerAuth",
    "Body",
    "CacheMiddleware",
    "CircuitBreakerMiddleware",
    "CircuitOpenError",
    "Cookie",
    "CookieJar",
    "DeclarationError",
    "Depends",
    "DigestAuth",
    "DummyCookieJar",
    "EventHooks",
    "FastHTTP",
    "FastHTTPBadStatusError",
    "FastHTTPCertificateError",
    "FastHTTPConnectionError",
    "FastHTTPError",
    "FastHTTPGraphQLError",
    "FastHTTPLimitError",
    "FastHTTPRedirectError",
    "FastHTTPRequestError",
    "FastHTTPTimeoutError",
    "FastHTTPValidationError",
    "File",
    "FileValue",
    "Form",
    "GraphQLClient",
    "GraphQLRequest",
    "GraphQLResponse",
    "Guard",
    "Header",
    "HttpxTransport",
    "Limits",
    "LoggingMiddleware",
    "MiddlewareChain",
    "MiddlewareManager",
    "NetworkTransport",
    "OAuth2ClientCredentials",
    "Outcome",
    "Path",
    "Query",
    "RateLimitMiddleware",
    "Request",
    "RequestConfig",
    "RequestSigner",
    "Response",
    "Results",
    "RetryBudget",
    "RetryMiddleware",
    "Route",
    "Router",
    "SSRFBlockedError",
    "SecurityError",
    "SeenNonces",
    "Session",
    "SessionMiddleware",
    "SigningMiddleware",
    "StreamedResponse",
    "Timeout",
    "TracingMiddleware",
    "Transport",
    "UntypedHandlerWarning",
    "WebSocket",
    "WebSocketClosed",
    "WebSocketConnectionError",
    "WebSocketError",
    "WebSocketMessage",
    "create_graphql_client",
]
