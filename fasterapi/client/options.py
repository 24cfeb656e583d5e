"""What requests take beside their URLs, as types.

Interpreted: holds a TypedDict: nothing to run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from fasterapi.client.auth import AuthLike
from fasterapi.client.body import Data, Files
from fasterapi.client.middleware.retry import RetryMiddleware
from fasterapi.client.target import Params
from fasterapi.client.types import TimeoutLike


class SendOptions(TypedDict, total=False):
    """What any request takes beside its URL."""

    params: Params
    json: object
    data: Data
    files: Files
    headers: dict[str, str]
    cookies: dict[str, str]
    timeout: TimeoutLike
    auth: AuthLike | None
    follow_redirects: bool
    path_params: Mapping[str, object]
    response_model: Any
    request_model: Any
    responses: Mapping[int, Any] | None
    raise_for_status: bool
    retry: int | RetryMiddleware | None
