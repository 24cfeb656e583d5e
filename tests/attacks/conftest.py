from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.attacks.application import make_app
from tests.server.servers import Client, Serving


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with Serving(make_app(), limit_concurrency=100) as found:
        yield found


@pytest.fixture
def connect(server: Serving) -> Iterator[Callable[[], Client]]:
    """Makes connections to the server, which are closed after the test."""
    clients: list[Client] = []

    def make() -> Client:
        client = server.connect()
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.socket.close()
