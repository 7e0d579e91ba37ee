"""How wide a snapshot id may be for this target: 62, else 53, else 31 bits.

Claim: id_bits is the widest of BITS for which an append was acknowledged and read back with exactly
its id. Method: one append to a new table for each width until one works, done once a survey. Ids
above 2**53 are the normal case: real engines draw them from all 63 bits. What it does NOT show:
that every id of that width works.
"""

from __future__ import annotations

from dataclasses import dataclass

from iceworthy.client.snapshots import snapshot_id
from iceworthy.client.wire import Namespace
from iceworthy.contract.desk import Needs, Unanswered
from iceworthy.contract.survey.desk import Finding, SeenReply, SurveyDesk, said
from iceworthy.record.history import NULL_PARENT

BITS = (62, 53, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRange:
    """id_bits: BITS' smallest where none works; works says whether any does."""

    id_bits: int
    works: bool
    findings: tuple[Finding, ...]


def snapshot_range(desk: SurveyDesk) -> SnapshotRange:
    """Ask, or say again what was found; Needs when no table can be created."""
    if isinstance(desk.snapshot_ids, SnapshotRange):
        return desk.snapshot_ids
    namespace = desk.fresh("ids")
    findings: list[Finding] = []
    found: SnapshotRange | None = None
    for bits in BITS:
        finding = _try(desk, namespace, bits)
        findings.append(finding)
        if finding.works:
            found = SnapshotRange(id_bits=bits, works=True, findings=tuple(findings))
            break
    found = found or SnapshotRange(id_bits=BITS[-1], works=False, findings=tuple(findings))
    desk.snapshot_ids = found
    return found


def append(desk: SurveyDesk, namespace: Namespace, name: str, number: int) -> SeenReply:
    """Append one snapshot at the head of main."""
    seen = desk.read(namespace, name).table
    assert seen is not None
    call = desk.wire.append(
        namespace,
        name,
        snapshot_id=number,
        uuid=seen.uuid,
        parent=seen.main,
        last_sequence=seen.last_sequence,
        location=seen.location,
    )
    parent = NULL_PARENT if seen.main is None else seen.main
    return desk.ask(call, value=number, parent=parent)


def _try(desk: SurveyDesk, namespace: Namespace, bits: int) -> Finding:
    name = f"bits{bits}"
    what = f"append a snapshot with a {bits}-bit id and read it back exactly"
    wanted = "status 200, then the same id in snapshots, refs.main and current-snapshot-id"
    desk.table(namespace, name)
    chosen = snapshot_id(desk.random, bits)
    try:
        reply = append(desk, namespace, name, chosen)
    except Unanswered as error:
        return desk.finding(
            "FR-001",
            what,
            wanted=wanted,
            came=f"no answer to {error}",
            works=None,
            call=error.asked or desk.wire.load_table(namespace, name),
        )
    if not reply.ok:
        return desk.finding(
            "FR-001", what, wanted=wanted, came=said(reply), works=False, call=reply.call
        )
    try:
        seen = desk.read(namespace, name).table
    except Needs as error:
        return desk.finding(
            "FR-001",
            what,
            wanted=wanted,
            came=f"status {reply.status}; {error}",
            works=False,
            call=reply.call,
        )
    assert seen is not None
    listed = [snapshot[0] for snapshot in seen.snapshots]
    exact = listed == [chosen] and seen.main == seen.current == chosen
    came = f"status {reply.status}; snapshots {listed}, main {seen.main}, current {seen.current}"
    return desk.finding(
        "FR-001",
        what,
        wanted=wanted,
        came=came,
        call=reply.call,
        works=exact and reply.status == 200,
    )
