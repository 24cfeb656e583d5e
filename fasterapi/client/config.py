"""How a request is configured: what is said in several places becomes one, the nearer place wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from fasterapi.client.auth import as_auth
from fasterapi.client.body import make_body
from fasterapi.client.errors import FastHTTPRequestError
from fasterapi.client.limits import DEFAULT_TIMEOUT, as_timeout
from fasterapi.client.masking import mask_url
from fasterapi.client.request import Request, make_request
from fasterapi.client.target import complete_url, parse_target
from fasterapi.client.types import RequestConfig

_KNOWN: Final = frozenset(RequestConfig.__annotations__)


def merge_configs(*configs: Mapping[str, Any] | None) -> RequestConfig:
    """One configuration of several, each before those that win over it; none of them is changed.

    Headers, cookies and parameters are joined, everything else is replaced.
    """
    merged: dict[str, Any] = {}
    for config in configs:
        if not config:
            continue
        for name, value in config.items():
            if name == "headers":
                merged["headers"] = merge_headers(merged.get("headers"), value)
            elif name in ("cookies", "params") and isinstance(value, Mapping) and isinstance(merged.get(name), Mapping):
                merged[name] = {**merged[name], **value}
            elif name == "allow_redirects":
                merged["follow_redirects"] = value
            else:
                merged[name] = value
    return cast(RequestConfig, merged)


def merge_headers(base: Mapping[str, str] | None, over: Mapping[str, str] | None) -> dict[str, str]:
    """The headers of both, each name once in whatever case it is written."""
    if not base:
        return dict(over or {})
    if not over:
        return dict(base)
    replaced = {name.lower() for name in over}
    merged = dict(base)
    for name in base:
        if name.lower() in replaced:
            del merged[name]
    merged.update(over)
    return merged


def build_request(method: str, url: str, config: RequestConfig, base_url: str | None, max_url_length: int) -> Request:
    """The request that a configuration asks for; raises `FastHTTPRequestError`."""
    unknown = config.keys() - _KNOWN
    if unknown:
        names = ", ".join(sorted(unknown))
        raise FastHTTPRequestError(f"A request is not configured with {names}; there are {', '.join(sorted(_KNOWN))}.")
    target = parse_target(complete_url(url, base_url), config.get("params"))
    if len(target.path) > max_url_length:
        raise FastHTTPRequestError(
            f"{mask_url(str(target))[:80]}… is longer than the {max_url_length} characters of Limits(max_url_length=…)."
        )
    if target.scheme not in ("http", "https"):
        raise FastHTTPRequestError(f"{mask_url(str(target))} is for WebSockets. Declare it with ws().")
    try:
        # Whatever stands there: what the types say of it is true only where a checker was asked.
        timeout = as_timeout(cast("Mapping[str, object]", config)["timeout"]) if "timeout" in config else DEFAULT_TIMEOUT
    except (TypeError, ValueError) as error:
        raise FastHTTPRequestError(str(error)) from error
    body = make_body(config.get("json"), config.get("json") is not None, config.get("data"), config.get("files"))
    headers = config.get("headers") or {}
    cookies = config.get("cookies")
    if cookies:
        headers = _with_cookies(headers, cookies)
    request = make_request(method, target, headers, body, timeout)
    request.follow_redirects = config.get("follow_redirects", True)
    request.auth = as_auth(config.get("auth"))
    return request


def _with_cookies(headers: Mapping[str, str], cookies: Mapping[str, str]) -> dict[str, str]:
    for name, value in cast("Mapping[str, object]", cookies).items():
        # Again: true only where a checker was asked.
        if not isinstance(value, str):
            raise FastHTTPRequestError(
                f"The cookie {name!r} is of type {type(value).__name__}, and cookies are text. Write str(…) around it."
            )
        if any(character in name + value for character in ";\r\n\x00") or "=" in name:
            raise FastHTTPRequestError(f"The cookie {name!r} has characters that would end it. Percent-encode them.")
    pairs = "; ".join([f"{name}={value}" for name, value in cookies.items()])
    own = next((headers[name] for name in headers if name.lower() == "cookie"), None)
    return merge_headers(headers, {"cookie": f"{own}; {pairs}" if own else pairs})
