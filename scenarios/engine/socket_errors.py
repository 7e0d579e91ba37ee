"""Errors of a socket as the error words of the history ("refused", "reset", …)."""

from __future__ import annotations

import _socket
import errno

from iceworthy.client.gate import NotAllowed

_WORDS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.ECONNABORTED: "reset",
    errno.ETIMEDOUT: "timeout",
    errno.EMFILE: "no-descriptor",
    errno.ENFILE: "no-descriptor",
}


def word_of(error: OSError) -> str:
    """The transport's word for an error, as iceworthy.client.connection uses them."""
    if isinstance(error, NotAllowed):
        return "not-allowed"
    if isinstance(error, _socket.gaierror):
        return "resolve"
    return _WORDS.get(error.errno or 0, "unreachable")
