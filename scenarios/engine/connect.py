"""Opens the right kind of connection to a node: plain, or with TLS."""

from __future__ import annotations

from scenarios.engine.http import Connection
from scenarios.engine.peer import Peer
from scenarios.engine.reactor import Reactor
from scenarios.engine.tls import TlsConnection


def connection_to(peer: Peer, reactor: Reactor, *, timeout_s: float) -> Connection:
    """A connection to this node, not yet opened; with TLS when its url says https."""
    if peer.tls is None:
        return Connection(reactor, peer, timeout_s)
    return TlsConnection(reactor, peer, timeout_s)
