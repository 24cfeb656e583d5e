"""What requests are configured with, as types."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from fasterapi.client.auth import AuthLike
from fasterapi.client.body import Data, Files
from fasterapi.client.limits import Timeout
from fasterapi.client.target import Params

HTTPMethod: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

TimeoutLike: TypeAlias = float | Timeout | None


class RequestConfig(TypedDict, total=False):
    """How one request is made; what dependencies and middleware see and change."""

    headers: dict[str, str]
    params: Params
    json: object
    data: Data
    files: Files
    cookies: dict[str, str]
    timeout: TimeoutLike
    auth: AuthLike
    follow_redirects: bool
    allow_redirects: bool
    """The older name of `follow_redirects`."""


RequestsOptinal = RequestConfig
"""The name that users of the forerunner know."""
