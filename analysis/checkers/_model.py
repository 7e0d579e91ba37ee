"""The parts of a history that checkers share: facts, tables, chains, reads placed on the chains.

Claim: each part is computed once for a history and kept with it.
What this does NOT show: any verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.checkers._chains import Chains, find_chains
from analysis.checkers._columns import Ints, Mask, columns, ints
from analysis.checkers._facts import Facts, read_facts
from analysis.checkers._heads_alone import forget_chains, with_asserted_chains
from analysis.checkers._tables import Tables, find_tables
from analysis.history import History
from iceworthy.record.history import FLAG_AUDIT
from iceworthy.words.outcome import Outcome

EXAMPLES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """ops: the history's columns, contiguous. reads: rows of table reads that showed a head.

    read_state: the state that each of these reads shows, -1 for none. audit: mask of the rows that
    the audit sent after the load.
    """

    history: History
    ops: Mapping[str, npt.NDArray[Any]]
    facts: Facts
    tables: Tables
    chains: Chains
    reads: Ints
    read_state: Ints
    audit: Mask

    def examples(self, rows: Any, **facts: Any) -> list[dict[str, Any]]:
        """The first EXAMPLES rows as evidence."""
        return [{**self.history.describe(int(row)), **facts} for row in list(rows)[:EXAMPLES]]


def model_of(history: History) -> Model:
    """The model of a history; a second call returns the same object."""
    model = history.memo.get("checkers")
    if not isinstance(model, Model):
        model = history.memo["checkers"] = _build(history)
    return model


def _build(history: History) -> Model:
    facts = read_facts(history)
    if history.newest_only:
        forget_chains(history)
        facts = with_asserted_chains(history, facts)
    tables = find_tables(history, facts)
    chains = find_chains(history, facts, tables)
    ops = columns(history)
    # A read with a head but without a uuid was recorded without parsing its body.
    shows = (
        history.of_operation("loadTable") & (ops["uuid"] != 0) & (ops["outcome"] == int(Outcome.OK))
    )
    reads = np.flatnonzero(shows & (ops["status"] // 100 == 2) & (ops["value"] != 0))
    return Model(
        history=history,
        ops=ops,
        facts=facts,
        tables=tables,
        chains=chains,
        reads=reads,
        audit=(ops["flags"] & FLAG_AUDIT) != 0,
        read_state=chains.find(tables.tid[reads], ints(ops["value"][reads])),
    )
