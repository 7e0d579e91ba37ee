"""Requests that are not as their schema says, from a server that may read them liberally.

Claim: the document says that a 400 "could be caused by an unexpected request body format"; it does
not say that a server must look at all of a body. So a 2xx is a remark where it changed nothing, and
what did come of it breaks the case. Example: a commit whose body is [] is answered 200, and the
table is as it was.
A file that is no metadata is not in the request: the document does not say which status tells of
it. What this does NOT show: that nothing changed; the case reads that back.
"""

from __future__ import annotations

from iceworthy.client.asker import Reply
from iceworthy.contract.desk import Desk

COERCED = 'responses.BadRequestErrorResponse: a server may read a scalar as its text (1 as "1")'
MORE_THAN_JSON = "RFC 8259 9: a parser may accept more than JSON; the body is read so far"


def refused_or_ignored(desk: Desk, reply: Reply) -> Reply:
    """The status must be a 4xx; a 2xx is a remark. The case then checks that nothing changed."""
    if reply.ok:
        desk.remark("a status 4xx", reply.said, reply)
        return reply
    return desk.refused(reply)


def refused_or_unreadable(desk: Desk, reply: Reply) -> Reply:
    """The answer to a request that names a file without metadata: a 4xx; a 5xx is a remark."""
    if reply.status >= 500:
        desk.remark("a status 4xx", reply.said, reply)
        return reply
    return desk.refused(reply)
