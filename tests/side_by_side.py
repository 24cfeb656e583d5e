"""The same handlers under FastAPI and under fasterapi, asked the same requests: FastAPI's answer is the expected one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import fastapi
import fastapi.testclient

import fasterapi
from fasterapi.testing import TestClient


class SideBySide:
    """Two applications that were declared by the same function.

    `declare(framework, app, log)` declares the handlers with the names of the module `framework`; what they append to
    `log` is compared too.
    """

    def __init__(self, declare: Callable[[Any, Any, list[Any]], None]) -> None:
        theirs, ours = fastapi.FastAPI(), fasterapi.Faster()
        self._their_log: Final[list[Any]] = []
        self._our_log: Final[list[Any]] = []
        declare(fastapi, theirs, self._their_log)
        declare(fasterapi, ours, self._our_log)
        self.ours: Final = ours
        self._theirs: Final = fastapi.testclient.TestClient(theirs, raise_server_exceptions=False)
        self._client: Final = TestClient(ours, raise_server_exceptions=False)

    def compare(self, method: str, url: str, **options: Any) -> Any:
        """Ask both; the status, the body and the log must be the same. Gives the body."""
        self._their_log.clear()
        self._our_log.clear()
        expected = self._theirs.request(method, url, **options)
        answer = self._client.request(method, url, **options)
        assert (answer.status_code, answer.text if answer.status_code == 500 else answer.json()) == (
            expected.status_code,
            expected.text if expected.status_code == 500 else expected.json(),
        )
        assert self._our_log == self._their_log
        return None if answer.status_code == 500 else answer.json()

    def get(self, url: str, **options: Any) -> Any:
        """`compare` a GET."""
        return self.compare("GET", url, **options)

    def post(self, url: str, **options: Any) -> Any:
        """`compare` a POST."""
        return self.compare("POST", url, **options)
