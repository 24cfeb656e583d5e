"""Directories of files, served as they are."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, Final, TypeAlias, cast, final
from urllib.parse import quote

from mypy_extensions import mypyc_attr

from fasterapi.asgi import Receive, Scope, Send
from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.errors import HTTPException
from fasterapi.http.asgi_exchange import AsgiExchange
from fasterapi.http.connection import no_receive, no_send
from fasterapi.http.file_response import FileResponse
from fasterapi.http.responses import PlainTextResponse, RedirectResponse, Response
from fasterapi.http.static_paths import leads_below, path_below, relative_path

PathLike: TypeAlias = str | os.PathLike[str]

_NO_NAMES: Final = frozenset([errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.EILSEQ])
"""What a file system says of a name that none of its files has, or can have; some take no asterisks, some nothing but UTF-8."""


@mypyc_attr(allow_interpreted_subclasses=True)
class StaticFiles:
    """Serves the files below a directory, or below directories of packages, as an ASGI application.

    Example: `app.mount("/static", StaticFiles(directory="static"), name="static")`.

    Nothing outside is ever served: neither by `..`, nor by a symbolic link, unless `follow_symlink` allows links. With
    `html=True` a directory is answered by its `index.html`, and what is not there by the `404.html` of the root. In `packages`
    a name stands for the folder `statics` of the package, `(name, folder)` for another one. The first directory that has a
    file serves it. Without `check_dir` the directory may be made later, until the first request.
    """

    def __init__(
        self,
        *,
        directory: PathLike | None = None,
        packages: Sequence[str | tuple[str, str]] | None = None,
        html: bool = False,
        check_dir: bool = True,
        follow_symlink: bool = False,
    ) -> None:
        self.directory = directory
        self.packages = packages
        self.all_directories: list[PathLike] = self.get_directories(directory, packages)
        self.html = html
        self.follow_symlink = follow_symlink
        self.config_checked: bool = False
        if check_dir:
            self._check_directory()

    def get_directories(self, directory: PathLike | None, packages: Sequence[str | tuple[str, str]] | None) -> list[PathLike]:
        """The directories to look into, one after the other."""
        directories: list[PathLike] = [] if directory is None else [directory]
        for package in packages or ():
            name, folder = (package, "statics") if isinstance(package, str) else package
            directories.append(_package_directory(name, folder))
        return directories

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        kind = scope["type"]
        if kind == "websocket":
            await send({"type": "websocket.close", "code": 1000, "reason": ""})
            return
        if kind != "http":
            raise RuntimeError(f"StaticFiles does not answer {kind!r} connections.")
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True
        try:
            response = await self.get_response(self.get_path(scope), scope)
        except HTTPException as error:
            if "app" in scope:
                # The application that this is mounted in answers it, with the exception handlers it has.
                raise
            response = PlainTextResponse(str(error.detail), error.status_code, error.headers)
        await response(scope, receive, send)

    def get_path(self, scope: Scope) -> str:
        """The path of the request below what this is mounted at, `.` for the root."""
        return relative_path(AsgiExchange(cast("dict[str, Any]", scope), no_receive, no_send).path)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The answer to a request for a path; raises `HTTPException` where there is none."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"allow": "GET, HEAD"})
        found = await run_in_threadpool(self._find, path)
        if found.stat_result is None:
            raise HTTPException(404)
        if found.is_missing_page:
            return FileResponse(found.full_path, 404, stat_result=found.stat_result)
        if found.is_index and not cast(str, scope["path"]).endswith("/"):
            return RedirectResponse(_with_slash(scope))
        return self.file_response(found.full_path, found.stat_result, scope)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where the file or directory of a path is, and what it is like: `("", None)` for none. Waits for the disk."""
        if not leads_below(path):
            return "", None
        for directory in self.all_directories:
            try:
                full_path = path_below(os.fspath(directory), path, self.follow_symlink)
                if full_path is not None:
                    return full_path, Path(full_path).stat()
            except OSError as error:
                if error.errno not in _NO_NAMES:
                    raise
            except ValueError:
                # Text that no name on this system can be made of.
                continue
        return "", None

    def file_response(
        self,
        full_path: PathLike,
        stat_result: os.stat_result,
        scope: Scope,  # noqa: ARG002 - for subclasses that add headers by what is asked for
        status_code: int = 200,
    ) -> Response:
        """The answer that consists of a file; where a subclass adds headers."""
        return FileResponse(full_path, status_code, stat_result=stat_result)

    async def check_config(self) -> None:
        """Raise `RuntimeError` where the directory is not there; done at the first request."""
        await run_in_threadpool(self._check_directory)

    def _check_directory(self) -> None:
        if not self.all_directories:
            raise RuntimeError("StaticFiles has nothing to serve. Write StaticFiles(directory=...) or StaticFiles(packages=[...]).")
        if self.directory is not None and not Path(self.directory).is_dir():
            raise RuntimeError(f"Directory '{os.fspath(self.directory)}' does not exist.")

    def _find(self, path: str) -> _Found:
        """What answers a path, its file or page in its place; all in one go, as it waits for the disk."""
        try:
            full_path, found = self.lookup_path(path)
            if found is not None and S_ISREG(found.st_mode):
                return _readable(full_path, found)
            if not self.html:
                return _Found("", None)
            if found is not None and S_ISDIR(found.st_mode):
                full_path, found = self.lookup_path(f"{path}/index.html")
                if found is not None and S_ISREG(found.st_mode):
                    page = _readable(full_path, found)
                    page.is_index = True
                    return page
            full_path, found = self.lookup_path("404.html")
            if found is not None and S_ISREG(found.st_mode):
                page = _readable(full_path, found)
                page.is_missing_page = True
                return page
        except PermissionError:
            raise HTTPException(403) from None
        return _Found("", None)


@final
class _Found:
    """A file, or nothing."""

    def __init__(self, full_path: str, stat_result: os.stat_result | None) -> None:
        self.full_path = full_path
        self.stat_result = stat_result
        self.is_index: bool = False
        self.is_missing_page: bool = False


def _readable(full_path: str, found: os.stat_result) -> _Found:
    """A file that this process may read: one that it may only see would be found out when it is too late to say so."""
    if not os.access(full_path, os.R_OK):
        raise PermissionError
    return _Found(full_path, found)


def _package_directory(package: str, folder: str) -> str:
    spec = find_spec(package)
    if spec is None:
        raise RuntimeError(f"StaticFiles cannot find the package {package!r}. Is it installed?")
    for location in spec.submodule_search_locations or ():
        directory = Path(location, folder)
        if directory.is_dir():
            return str(directory)
    raise RuntimeError(f"The package {package!r} has no directory {folder!r}. Write ({package!r}, 'its-folder') in packages.")


def _with_slash(scope: Scope) -> str:
    """The request's own target with a slash behind its path: without a host, which a client could have made up."""
    # Two slashes at its beginning would make a host of what follows (RFC 3986, 4.2).
    path = "/" + cast(str, scope["path"]).lstrip("/") + "/"
    target = quote(path, safe="/:@!$&'()*+,;=~", errors="surrogateescape")
    query = quote(cast(bytes, scope.get("query_string", b"")), safe="%/:?@!$&'()*+,;=~")
    return f"{target}?{query}" if query else target
