"""Cookies between requests, as browsers keep them (RFC 6265): each goes back to where it came from and nowhere else."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
from mypy_extensions import mypyc_attr

from fasterapi.client.addresses import parse_address
from fasterapi.client.target import Target
from fasterapi.datastructures.headers import MutableHeaders

MOST_COOKIES: Final = 3000
MOST_PER_DOMAIN: Final = 180
MOST_CHARACTERS: Final = 4096
"""Of one cookie, name and value together (RFC 6265, 6.1)."""

_FORMAT: Final = 1
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f;]")
# Under the domains of countries these are no owner's: `co.uk`. A list of all public suffixes would be out of date next week.
_SHARED_LABELS: Final = frozenset(
    {"ac", "co", "com", "edu", "gob", "gov", "go", "info", "int", "ltd", "mil", "ne", "net", "nom", "or", "org", "plc", "sch"}
)

_Key: TypeAlias = tuple[str, str, str]


class Cookie:
    """One cookie, and where it belongs."""

    def __init__(
        self, name: str, value: str, domain: str, path: str, *, host_only: bool, secure: bool, http_only: bool, expires: float | None
    ) -> None:
        self.name = name
        self.value = value
        self.domain = domain
        self.path = path
        self.host_only = host_only
        """Whether it goes to this host alone, not to those below it."""
        self.secure = secure
        self.http_only = http_only
        self.expires = expires
        """When it ends, in seconds since 1970; `None` where it lasts as long as the jar."""

    def belongs_to(self, target: Target) -> bool:
        """Whether it is sent with a request."""
        if self.secure and not target.is_secure():
            return False
        host = target.host
        if host != self.domain and (self.host_only or not _is_below(host, self.domain)):
            return False
        return _is_path_within(target.path.partition("?")[0], self.path)

    def __repr__(self) -> str:
        return f"<Cookie {self.name} for {self.domain}{self.path}>"


@mypyc_attr(allow_interpreted_subclasses=True)
class CookieJar:
    """Keeps cookies between requests.

    Cookies that are set without a domain belong to the host of the first request that the jar sees. Hosts that are
    addresses get no cookies unless `unsafe=True`.

    Example: `FastHTTP(cookie_jar=CookieJar())`.
    """

    def __init__(self, cookies: Mapping[str, str] | None = None, *, unsafe: bool = False) -> None:
        self.unsafe = unsafe
        self._cookies: dict[_Key, Cookie] = {}
        self._homeless: dict[str, str] = {}
        for name, value in (cookies or {}).items():
            self.set(name, value)

    def set(
        self, name: str, value: str, domain: str | None = None, path: str = "/", *, secure: bool = False, expires: float | None = None
    ) -> None:
        """Keep a cookie; with a domain it also goes to the hosts below it."""
        if not name or _FORBIDDEN.search(name + value) is not None or "=" in name:
            raise ValueError(f"The cookie {name!r} has characters that would end it or begin another. Percent-encode them.")
        if domain is None:
            self._homeless[name] = value
            return
        cookie = Cookie(
            name,
            value,
            domain.lower().lstrip("."),
            path,
            host_only=parse_address(domain) is not None,
            secure=secure,
            http_only=False,
            expires=expires,
        )
        self._keep(cookie)

    def get(self, name: str, default: str | None = None, *, domain: str | None = None) -> str | None:
        """The value of the newest cookie of a name, of one domain or of any."""
        for cookie in reversed(list(self)):
            if cookie.name == name and (domain is None or cookie.domain == domain.lower().lstrip(".")):
                return cookie.value
        return self._homeless.get(name, default) if domain is None else default

    def clear(self) -> None:
        """Forget all cookies."""
        self._cookies.clear()
        self._homeless.clear()

    def items(self) -> list[tuple[str, str]]:
        """Names and values."""
        return [*self._homeless.items(), *[(cookie.name, cookie.value) for cookie in self]]

    def __iter__(self) -> Iterator[Cookie]:
        now = time.time()
        return iter([cookie for cookie in self._cookies.values() if cookie.expires is None or cookie.expires > now])

    def __len__(self) -> int:
        return len(self.items())

    def header_for(self, target: Target) -> str:
        """The `Cookie` header of a request; empty where there is none (RFC 6265, 5.4)."""
        self._settle(target)
        fitting = [cookie for cookie in self if cookie.belongs_to(target)]
        if not self.unsafe and fitting and parse_address(target.host) is not None:
            return ""
        # Longer paths first; a stable sort keeps the older first among those of one length.
        fitting.sort(key=_path_length, reverse=True)
        return "; ".join([f"{cookie.name}={cookie.value}" for cookie in fitting])

    def add_to(self, target: Target, headers: MutableHeaders) -> None:
        """Add the cookies of a request to its headers, beside those that it brings of its own."""
        header = self.header_for(target)
        if not header:
            return
        own = headers.get("cookie")
        if own is None:
            headers["cookie"] = header
            return
        names = {pair.partition("=")[0].strip() for pair in own.split(";")}
        more = [pair for pair in header.split("; ") if pair.partition("=")[0] not in names]
        headers["cookie"] = "; ".join([own, *more])

    def store(self, target: Target, set_cookie: str) -> None:
        """Take what a response says in one `Set-Cookie` header (RFC 6265, 5.2 and 5.3); what is not right is ignored."""
        self._settle(target)
        if not self.unsafe and parse_address(target.host) is not None:
            return
        cookie = read_cookie(target, set_cookie)
        if cookie is None:
            return
        if cookie.expires is not None and cookie.expires <= time.time():
            self._cookies.pop((cookie.domain, cookie.path, cookie.name), None)
            return
        known = self._cookies.get((cookie.domain, cookie.path, cookie.name))
        if known is not None and known.secure and not target.is_secure():
            # A host that anyone on the way can play must not replace what an encrypted one set (RFC 6265bis, 5.7).
            return
        self._keep(cookie)

    def save(self, path: str | Path) -> None:
        """Write the cookies that have an end to a file that only its owner can read."""
        kept = [
            {
                "name": cookie.name,
                "value": cookie.value,
                "domain": cookie.domain,
                "path": cookie.path,
                "host_only": cookie.host_only,
                "secure": cookie.secure,
                "http_only": cookie.http_only,
                "expires": cookie.expires,
            }
            for cookie in self
            if cookie.expires is not None
        ]
        destination = Path(path)
        handle, name = tempfile.mkstemp(dir=destination.parent, prefix=f".{destination.name}")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode({"version": _FORMAT, "cookies": kept}))
            Path(name).replace(destination)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def load(self, path: str | Path) -> None:
        """Add the cookies of a file that `save` wrote; `ValueError` for any other."""
        try:
            stored = msgspec.json.decode(Path(path).read_bytes(), type=dict[str, object])
            entries = msgspec.convert(stored["cookies"], list[dict[str, object]])
            cookies = [_restored(entry) for entry in entries]
        except (KeyError, TypeError, msgspec.MsgspecError) as error:
            raise ValueError(f"{path} is not a file of cookies: {error}.") from error
        for cookie in cookies:
            self._keep(cookie)

    def _settle(self, target: Target) -> None:
        for name, value in self._homeless.items():
            self._keep(Cookie(name, value, target.host, "/", host_only=True, secure=False, http_only=False, expires=None))
        self._homeless = {}

    def _keep(self, cookie: Cookie) -> None:
        key = (cookie.domain, cookie.path, cookie.name)
        if key in self._cookies:
            self._cookies[key] = cookie
            return
        same = [other for other in self._cookies if other[0] == cookie.domain]
        if len(same) >= MOST_PER_DOMAIN:
            del self._cookies[same[0]]
        elif len(self._cookies) >= MOST_COOKIES:
            del self._cookies[next(iter(self._cookies))]
        self._cookies[key] = cookie

    def __repr__(self) -> str:
        return f"<CookieJar with {len(self)} cookies>"


@mypyc_attr(allow_interpreted_subclasses=True)
class DummyCookieJar(CookieJar):
    """A jar that keeps nothing."""

    def _keep(self, cookie: Cookie) -> None:
        """Forget it."""


def read_cookie(target: Target, set_cookie: str) -> Cookie | None:
    """The cookie of a `Set-Cookie` header; `None` for one that a browser would refuse."""
    pair, *attributes = set_cookie.split(";")
    name, equals, value = pair.partition("=")
    name = name.strip()
    value = value.strip()
    if not equals or not name or len(name) + len(value) > MOST_CHARACTERS or _FORBIDDEN.search(name + value) is not None:
        return None
    given = _read_attributes(attributes)
    domain = given.get("domain", "").lower().lstrip(".")
    if domain and domain != target.host and not (_is_below(target.host, domain) and not _is_shared(domain)):
        return None
    host_only = not domain or _is_shared(domain) or parse_address(target.host) is not None
    path = given.get("path", "")
    if not path.startswith("/"):
        path = _default_path(target)
    secure = "secure" in given
    if secure and not target.is_secure():
        return None
    if name.lower().startswith("__secure-") and not secure:
        return None
    if name.lower().startswith("__host-") and not (secure and host_only and path == "/" and not domain):
        return None
    return Cookie(
        name,
        value,
        target.host if host_only else domain,
        path,
        host_only=host_only,
        secure=secure,
        http_only="httponly" in given,
        expires=_read_expiry(given),
    )


def _read_attributes(attributes: list[str]) -> dict[str, str]:
    """The attributes by name in lower case; of two with one name the last holds."""
    given: dict[str, str] = {}
    for attribute in attributes:
        name, _, value = attribute.partition("=")
        given[name.strip().lower()] = value.strip()
    return given


def _read_expiry(given: Mapping[str, str]) -> float | None:
    age = given.get("max-age")
    if age is not None and age.lstrip("-").isdecimal() and age.isascii():
        seconds = int(age[:12])
        return 0.0 if seconds <= 0 else time.time() + seconds
    moment = given.get("expires")
    if not moment:
        return None
    try:
        parsed = parsedate_to_datetime(moment.replace("-", " "))
    except (ValueError, IndexError, TypeError):
        return None
    return (parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)).timestamp()


def _default_path(target: Target) -> str:
    """The folder of the request's path (RFC 6265, 5.1.4)."""
    path = target.path.partition("?")[0]
    return path[: path.rfind("/")] or "/"


def _is_path_within(path: str, folder: str) -> bool:
    """RFC 6265, 5.1.4."""
    return path == folder or (path.startswith(folder) and (folder.endswith("/") or path[len(folder)] == "/"))


def _is_below(host: str, domain: str) -> bool:
    return host.endswith("." + domain) and parse_address(host) is None


def _is_shared(domain: str) -> bool:
    """Whether a domain is no one's own, so that a cookie for all of it would go to strangers."""
    labels = domain.rstrip(".").split(".")
    return len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SHARED_LABELS)


def _path_length(cookie: Cookie) -> int:
    return len(cookie.path)


def _restored(entry: Mapping[str, object]) -> Cookie:
    expires = entry["expires"]
    return Cookie(
        str(entry["name"]),
        str(entry["value"]),
        str(entry["domain"]),
        str(entry["path"]),
        host_only=entry["host_only"] is True,
        secure=entry["secure"] is True,
        http_only=entry["http_only"] is True,
        expires=float(expires) if isinstance(expires, (int, float)) else None,
    )
