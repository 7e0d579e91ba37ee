"""Snapshot ids are kept and shown exactly, as wide as engines draw them."""

from __future__ import annotations

from dataclasses import replace

from iceworthy.client.snapshots import append_updates, snapshot_id
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.record.known import WIDEST_ID_BITS

PLACE = "schemas.Snapshot.properties.snapshot-id"

WIDTHS = (WIDEST_ID_BITS, 53, 31)


@case(
    "updateTable",
    uses=("createTable", "loadTable"),
    early=True,
    touches=("FR-002",),
    each={f"{bits} bits": bits for bits in WIDTHS},
    says="a snapshot id is a 64-bit integer; the table shows the id that was committed",
)
def a_snapshot_id_is_kept_exactly(desk: Desk, bits: int) -> None:
    """The widest id that is kept is what later experiments use."""
    if bits < WIDEST_ID_BITS and desk.known.id_bits > bits:
        desk.skip(f"the target keeps ids of {desk.known.id_bits} bits")
    narrower = [width for width in WIDTHS if width < bits] or [bits]
    desk.learn(replace(desk.known, id_bits=narrower[0]))  # until this width is shown to work
    space = desk.fresh()
    made = desk.table(space)
    number = snapshot_id(desk.random, bits)
    updates = append_updates(
        snapshot_id=number, parent=None, sequence=1, location=str(made.get("location"))
    )
    # Nothing that this catalog chose: the request shows the same on any other.
    asserted = [{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": None}]
    done = desk.expect(desk.commit(space, "t", updates, asserted), 200)
    found = desk.load(space).metadata
    listed = [one.get("snapshot-id") for one in found.get("snapshots") or []]
    main = ((found.get("refs") or {}).get("main") or {}).get("snapshot-id")
    shown = {
        "snapshots": listed,
        "refs.main": main,
        "current-snapshot-id": found.get("current-snapshot-id"),
    }
    expected = {"snapshots": [number], "refs.main": number, "current-snapshot-id": number}
    desk.same("ids", expected, shown, done)
    desk.learn(replace(desk.known, id_bits=bits))
