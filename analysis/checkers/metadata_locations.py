"""One metadata-location stands for one state of one table, and its file holds that state.

Claim: answers that name the same metadata-location show the same table, the same chain and the same
last-sequence-number. The table specification demands it: each change writes a new metadata file,
and engines and caches rely on files that never change. Where the warehouse is a folder of the
suite, the file that each answer of the audit named exists and holds the uuid, chain, snapshots and
last-sequence-number of that answer.
Method: the numbers recorded for each answer to a load or commit, grouped by location; files.jsonl.
Minimal evidence: two states of one table, in answers that named their location.
What it does NOT show: files of earlier states; files in warehouses that the suite cannot read;
changes of metadata that leave chain and sequence number as they were.
"""

from __future__ import annotations

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import Ints, ints
from analysis.checkers._model import Model, model_of
from analysis.run import Run
from iceworthy.record.sample_lines import FileLook
from iceworthy.words.finding import Harm
from iceworthy.words.outcome import Outcome
from iceworthy.words.verdict import Verdict

NAME = "metadata_locations"
HARM = Harm.LOST
NEEDS_RUN = True

FILE_SORTS = {
    "missing": "a metadata file does not exist",
    "broken": "a metadata file holds no table metadata",
    "differs": "a metadata file holds another state than the answer that names it",
}
# The answer has the whole metadata: what is lacking breaks those who open the file, such as
# another catalog in which the table is registered.
HARM_OF_MISSING = Harm.CLIENTS


def check(run: Run) -> Verdict:
    """Compare all answers that name one location, and files with the answers that named them."""
    history = run.history
    model = model_of(history)
    problems = Anomalies(history, harms={FILE_SORTS["missing"]: HARM_OF_MISSING})
    rows = _rows(model)
    ops = model.ops
    _, location = np.unique(ops["metadata"][rows], return_inverse=True)
    order = np.lexsort((ints(ops["completed_ns"][rows]), location))
    rows, location = rows[order], ints(location)[order]
    tables = _differing(rows, location, model, "uuid")
    for row, other in tables:
        problems.add("two tables have the same metadata-location", row, other=history.op_id(other))
    for column, what in (("chain", "chain"), ("sequence", "last-sequence-number")):
        for row, other in _differing(rows, location, model, column):
            if ops["uuid"][row] == ops["uuid"][other]:
                problems.add(
                    f"two states have the same metadata-location ({what})",
                    row,
                    other=history.op_id(other),
                )
    files = _files(problems, run)
    judged, most = _judged(rows, model)
    return conclude(
        NAME,
        problems,
        judged=judged,
        good=f"{counted(judged, 'answer')} name one metadata-location for each state"
        + (f"; {counted(files, 'metadata file')} hold it" if files else ""),
        bad=f"of {counted(judged, 'answer')} and {counted(files, 'metadata file')} some show two "
        "states under one metadata-location",
        too_little=""
        if most > 1
        else "no table was answered with a metadata-location in two states",
        facts={"answers": judged, "files": files},
    )


def _files(problems: Anomalies, run: Run) -> int:
    """How many files the audit opened; each file that differs from the answer becomes an
    anomaly.
    """
    lines = run.read(FileLook)
    for line in lines:
        sort = FILE_SORTS.get(line.state)
        if sort:
            problems.add_fact(sort, location=line.location, node=line.node, what=line.what)
    return len(lines)


def _rows(model: Model) -> Ints:
    """Answers to loads and commits that showed a complete table and its location."""
    ops = model.ops
    good = (model.tables.outcome == Outcome.OK) & (ops["status"] // 100 == 2)
    shows = model.history.of_operation("loadTable", "updateTable")
    # A sequence number is recorded with every table whose chain was worked out.
    return np.flatnonzero(
        good & shows & (ops["metadata"] != 0) & (ops["uuid"] != 0) & (ops["sequence"] >= 0)
    )


def _differing(rows: Ints, location: Ints, model: Model, column: str) -> list[tuple[int, int]]:
    """(row, the row before it) of neighbours with the same location and different values."""
    values = model.ops[column][rows]
    at = np.flatnonzero((location[1:] == location[:-1]) & (values[1:] != values[:-1]))
    return list(zip(rows[at + 1].tolist(), rows[at].tolist(), strict=True))


def _judged(rows: Ints, model: Model) -> tuple[int, int]:
    """(answers judged, the largest number of states in which one table was shown)."""
    if not len(rows):
        return 0, 0
    # Where no chain is shown, the head of a read or the snapshot of a commit tells states apart.
    column = "value" if model.history.newest_only else "chain"
    state = model.ops[column][rows].view(np.uint64)
    states = np.unique(np.stack((model.ops["uuid"][rows], state)), axis=1)
    _, each = np.unique(states[0], return_counts=True)
    return len(rows), int(each.max())
