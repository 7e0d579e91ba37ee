"""The rule of tests/open_sockets.py: it sees a socket that is closed by name only, and no other."""

from __future__ import annotations

import socket

from tests.open_sockets import half_closed


def test_a_socket_whose_file_is_open_is_named_once_with_its_maker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = socket.create_connection(server.getsockname()[:2])
        with made.makefile("rb"):
            made.close()
            found = half_closed()
            assert len(found) == 1
            assert "test_a_socket_whose_file_is_open" in found[0]
            assert half_closed() == []


def test_a_closed_socket_and_an_open_one_are_not_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = socket.create_connection(server.getsockname()[:2])
        with made.makefile("rb"):
            assert half_closed() == []
        made.close()
        assert half_closed() == []
