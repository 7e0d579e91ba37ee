"""The scenes that many cases begin with, each made by one plain request.

Claim: `setup_stands` is False only where the scene, made as the cases make it, is refused now.
Example: a catalog wants `stage-create` in createTable. The smallest request breaks its case; the
cases' own scene has all that clients send, so the cases that need a table are tried all the same.
A change that is acknowledged and then not there counts as refused. Example: replaceView answers 200
and no view ever changes.
What this does NOT show: scenes of more than one plain request (a table with a snapshot).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Broken, Needs, Skipped, Unanswered
from iceworthy.contract.scan_scenes import completed, small, submit
from iceworthy.contract.table_scenes import left_behind, put
from iceworthy.contract.view_scenes import load_view, make_view, properties, replace


def _a_commit(desk: Desk) -> object:
    space = desk.fresh()
    desk.table(space)
    update = {"action": "set-properties", "updates": {"k": "1"}}
    return desk.need(desk.commit(space, "t", [update]))


def planned_plainly(desk: Desk) -> None:
    """A plan of a table with files, read to its end, by a request without a field."""
    table = small(desk)
    completed(desk, table, submit(desk, table))


def replaced_plainly(desk: Desk) -> None:
    """A view with one property more."""
    space = desk.fresh()
    make_view(desk, space)
    desk.accepted(replace(desk, space, [properties(k="1")]))
    found = load_view(desk, space)
    desk.same("property k", "1", found.get("metadata", "properties", "k"), found)


def committed_plainly(desk: Desk) -> None:
    """A transaction over one table."""
    space = desk.fresh()
    desk.table(space)
    identifier = {"namespace": list(space), "name": "t"}
    one = {"identifier": identifier, "requirements": [], "updates": [put(k="1")]}
    desk.accepted(desk.do("commitTransaction", body={"table-changes": [one]}))
    found = desk.load(space)
    desk.same("property k", "1", found.get("metadata", "properties", "k"), found)


def registered_plainly(desk: Desk) -> None:
    """A table that was dropped, by its metadata file."""
    space, location, was = left_behind(desk)
    body = {"name": "r", "metadata-location": location}
    desk.accepted(desk.do("registerTable", space, body=body))
    found = desk.load(space, "r")
    desk.same("table-uuid", was.get("table-uuid"), found.metadata.get("table-uuid"), found)


SCENES: Mapping[str, Callable[[Desk], object]] = {
    "createNamespace": lambda desk: desk.fresh(),
    "createTable": lambda desk: desk.table(desk.fresh()),
    "updateTable": _a_commit,
    "createView": lambda desk: make_view(desk, desk.fresh()),
    "planTableScan": planned_plainly,
    "replaceView": replaced_plainly,
    "commitTransaction": committed_plainly,
    "registerTable": registered_plainly,
}


def setup_stands(desk: Desk, operation_id: str) -> bool:
    """Whether the scene of this operation can be made. A scene that does not apply, or to which no
    answer comes, is not refused (silence.py judges that)."""
    with suppress(Skipped, Unanswered):
        return _is_made(desk, operation_id)
    return True


def _is_made(desk: Desk, operation_id: str) -> bool:
    with suppress(Broken, Needs):
        SCENES[operation_id](desk)
        return True
    return False
