"""The harm that a failure shows: by its evidence, never by the name of a case.

Claim: harm is what was seen, not what may follow. A write that is acknowledged and then not found
lost data; a refusal where nothing is read back did not, unless it refused data that were written.
Method: the statuses, the operations, and the part of the state that is wrong; of a judge what its
file declares. A new case or judge is in its place without a list.
What this does NOT show: how much is lost, and by whom it is missed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from iceworthy import discovery
from iceworthy.specification.operations import BY_DEFAULT, known_operation, match
from iceworthy.words.finding import Harm

CLIENT_ERRORS = 400
SERVER_ERRORS = 500
CONFLICT = 409
NOT_FOUND = 404
LISTING = "list"
OF_ANOMALIES = Harm.TORN
KEPT_BY_THE_CATALOG = frozenset(
    {
        *("snapshot-log", "metadata-log", "last-updated-ms", "last-sequence-number"),
        *("last-column-id", "last-partition-id", "next-row-id", "first-row-id"),
        *("version-log", "timestamp-ms", "metadata-location"),
    }
)
"""Fields of the metadata that no client writes: a wrong value misleads clients, and loses nothing
that somebody wrote."""
_ADDS_DATA = re.compile(r'"action"\s*:\s*"add-snapshot"')


@cache
def harm_of_judge(judge: str) -> Harm:
    """The harm of a judge's fail, which its file declares (HARM); judge: its name, with or without
    its argument in brackets. Undeclared: a checker shows an anomaly of the data, a criterion
    something that clients meet."""
    bare = judge.partition("[")[0]
    for kind, undeclared in (("checker", OF_ANOMALIES), ("criterion", Harm.CLIENTS)):
        if bare in discovery.names(kind):
            return Harm(getattr(discovery.module(kind, bare), "HARM", undeclared))
    return Harm.CLIENTS


def harm_of_state(about: str, asked: str, given: int, field: str, refused: bool) -> Harm:
    """The harm of a wrong state in a good answer. about: the operation that the rule is about;
    asked, given: the operation that was answered, and its status; field: the part of the state that
    is wrong; refused: whether the write before that was refused.

    Example: a property that an acknowledged updateTable set is not there when the table is loaded.
    """
    if not is_success(given) or not changes(about) or field in KEPT_BY_THE_CATALOG:
        return Harm.CLIENTS
    if refused:
        return Harm.TORN
    return Harm.CLIENTS if changes(asked) or asked.startswith(LISTING) else Harm.LOST


def harm_of_refusal(about: str, body: str) -> Harm:
    """The harm of a refused lawful request: an engine has written the data of a commit that adds a
    snapshot, and they are in no table."""
    return Harm.LOST if changes(about) and _ADDS_DATA.search(body) else Harm.UNAVAILABLE


def harm_of_status(about: str, asked: str, expected: Sequence[int], given: int) -> Harm:
    """The harm of a wrong status. about: the operation that the rule is about; asked: the operation
    that was answered so, a read where the effect of a write was looked for. expected: the statuses
    that had to come; empty: any 4xx."""
    wants_success = any(is_success(status) for status in expected)
    may_refuse = any(CLIENT_ERRORS <= status < SERVER_ERRORS for status in expected)
    reads_back = about != asked and changes(about) and not changes(asked)
    if wants_success and reads_back and given == NOT_FOUND:
        return Harm.LOST
    if wants_success and not is_success(given):
        return Harm.CLIENTS if may_refuse else Harm.UNAVAILABLE
    if wants_success:
        return Harm.CLIENTS if _has_body(asked) else Harm.SHAPE
    is_listing = asked.startswith(LISTING)  # an empty one shows nothing
    if is_success(given) and reads_back and NOT_FOUND in expected and not is_listing:
        return Harm.TORN
    if is_success(given) and changes(about) and tuple(expected) == (CONFLICT,):
        return Harm.UNGUARDED
    return Harm.CLIENTS


def is_success(status: int) -> bool:
    """Whether a status is a 2xx."""
    return 200 <= status <= 299


def changes(operation: str) -> bool:
    """Whether an operation of the specification can change the catalog."""
    known = known_operation(operation)
    return known is not None and known.mutation


def is_optional(operation: str) -> bool:
    """Whether the document's default list of endpoints lacks an operation. HEAD counts as GET."""
    read = {"namespaceExists": "loadNamespaceMetadata", "tableExists": "loadTable"}
    is_known = known_operation(operation) is not None
    return is_known and read.get(operation, operation) not in BY_DEFAULT | ALWAYS


ALWAYS = frozenset({"getConfig"})


def is_documented(operation: str, status: int) -> bool:
    """Whether the document names this status for an operation; true of an unknown operation."""
    known = known_operation(operation)
    return known is None or str(status) in known.responses


def operation_asked(method: str, path: str) -> str:
    """The operationId of a request as it was sent, whatever precedes its path; "" for none."""
    segments = path.partition("?")[0].partition("/v1/")[2].split("/")
    for first in range(min(len(segments), PREFIX_MOST)):
        if one := match(method, "/" + "/".join(segments[first:])):
            return one.id
    return ""


PREFIX_MOST = 4


def _has_body(operation: str) -> bool:
    known = known_operation(operation)
    return known is None or any(
        schema for status, schema in known.responses.items() if status.startswith("2")
    )
