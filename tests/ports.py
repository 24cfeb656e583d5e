"""Ports for servers that cannot tell which one they were given."""

from __future__ import annotations

import socket


def reserved_port() -> int:
    """A port of this machine on which nobody listens, and which nobody else is given within the next minute.

    One that was free a moment ago may be anybody's by now. This one has had a connection, whose end leaves it in TIME-WAIT
    (RFC 9293, section 3.3.2): who asks for any port does not get it, who asks for this one does.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        port: int = listener.getsockname()[1]
        accepted, _ = listener.accept()
        # Who closes first waits.
        accepted.close()
    return port


def held_port() -> socket.socket:
    """A socket whose port nobody else is given while it is open; a server may listen there, end, and listen there again.

    It does not listen itself, and allows others what it does: so a second socket may be bound to its port, by who names it.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder
