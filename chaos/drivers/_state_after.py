"""The state after a point: the table on every node, new commits, all other tables.

Claim: facts only; analysis/checkers/commit_steps.py judges them.
Method, in order:
  1. ask every node until all answer 200 and agree, at most RECOVERY_S. If a node cannot read any
     table, it is still recovering: wait up to BACK_S before concluding anything about this table
  2. make one commit through each node, the node under test last
  3. read every table that was ever acknowledged, on every node
Failed requests are repeated, within bounds: a pool may hand out connections that died with the
fault, which is recovery, not loss.
What it does NOT show: staleness shorter than RECOVERY_S.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from chaos.bounded_wait import wait_until
from chaos.drivers._step_tables import StepTable, StepTables
from iceworthy.client.catalog_client import Answer

RECOVERY_S = 8.0
BACK_S = 30.0
EVERY_S = 0.1
COMMIT_S = 6.0
OTHERS_S = 3.0


def state_after(
    subjects: StepTables, subject: StepTable, snapshot: int, node: int
) -> dict[str, Any]:
    """The facts after a point on `node` whose operation tried to add `snapshot`."""
    started = time.monotonic()
    readings: dict[int, Answer] = {}

    def is_calm() -> bool:
        readings.update({index: subjects.read(subject, index) for index in subjects.nodes()})
        return _agree(readings) is True

    is_calm_again = wait_until(is_calm, deadline_s=RECOVERY_S, every_s=EVERY_S)
    if not is_calm_again and not _all_back(subjects, subject):
        wait_until(
            lambda: _all_back(subjects, subject), deadline_s=BACK_S - RECOVERY_S, every_s=EVERY_S
        )
        is_calm_again = wait_until(is_calm, deadline_s=RECOVERY_S, every_s=EVERY_S)
    after_s = round(time.monotonic() - started, 3)
    facts: dict[str, Any] = {
        "readable": {str(index): answer.status for index, answer in readings.items()},
        "visible": {str(i): _visible(answer, snapshot) for i, answer in readings.items()},
        "parts": {
            str(index): subjects.parts_seen(answer.table, snapshot)
            for index, answer in readings.items()
            if answer.table is not None
        },
        "agree": _agree(readings),
        "calm_after_s": after_s if is_calm_again else None,
        "next_commit": {},
    }
    if is_calm_again:
        last = _seen_again(subject, readings[node])
        for index in sorted(subjects.nodes(), key=lambda i: i == node):
            status, last = _honest_commit(subjects, last, index)
            facts["next_commit"][str(index)] = status
        subjects.acknowledge(last)
    else:
        subjects.forget(subject)
    return facts | {"others": _others(subjects, subject)}


def _all_back(subjects: StepTables, subject: StepTable) -> bool:
    """Whether every node reads some other table: then it has recovered, and a table that it lacks
    is lost.
    """
    others = [other for key, other in subjects.acknowledged.items() if key != subject.key][:3]
    return all(
        not others or any(subjects.read(other, index).table is not None for other in others)
        for index in subjects.nodes()
    )


def _visible(answer: Answer, snapshot: int) -> bool | None:
    return None if answer.table is None else snapshot in answer.table.chain


def _agree(readings: dict[int, Answer]) -> bool | None:
    """Whether all nodes show the same table; None when not every node showed one."""
    tables = [answer.table for answer in readings.values()]
    if not tables or any(table is None for table in tables):
        return None
    views = {(t.uuid, t.chain, t.metadata_location, t.last_sequence) for t in tables if t}
    return len(views) == 1


def _seen_again(subject: StepTable, answer: Answer) -> StepTable:
    """The table as this read shows it; as it was last known if the read shows none."""
    if answer.table is None:
        return subject
    return replace(subject, head=answer.table.main, sequence=answer.table.last_sequence)


def _honest_commit(subjects: StepTables, subject: StepTable, node: int) -> tuple[int, StepTable]:
    """Commit through `node`, on the table as it shows it, until acknowledged or COMMIT_S is over.

    Returns the last status, and the table after it.
    """
    deadline = time.monotonic() + COMMIT_S
    while True:
        answer, subject = subjects.commit(subject, node)
        if answer.ok or time.monotonic() > deadline:
            return answer.status, subject
        time.sleep(EVERY_S)
        subject = _seen_again(subject, subjects.read(subject, node))


def _others(subjects: StepTables, subject: StepTable) -> dict[str, Any]:
    """Reads every other acknowledged table on every node: how many were asked, which were
    missing.
    """
    asked, lost = 0, []
    for other in list(subjects.acknowledged.values()):
        if other.key == subject.key:
            continue
        for index in subjects.nodes():
            asked += 1
            if problem := _missing(subjects, other, index):
                lost.append({"table": other.key, "node": index, "got": problem})
                subjects.forget(other)  # reported once; later points do not report it again
                break
    return {"asked": asked, "lost": lost}


def _missing(subjects: StepTables, other: StepTable, node: int) -> str:
    """The answer in place of the table as last acknowledged; "" when the table is there."""
    answers: list[str] = []

    def is_there() -> bool:
        answer = subjects.read(other, node)
        if answer.table is None:
            answers.append(f"{answer.status} {answer.error}")
        elif other.head is not None and other.head not in answer.table.chain:
            answers.append(f"snapshot {other.head} is missing")
        else:
            return True
        return False

    return "" if wait_until(is_there, deadline_s=OTHERS_S, every_s=EVERY_S) else answers[-1]
