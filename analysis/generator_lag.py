"""How late the load generator itself was, told apart from the target's latency.

Method: a session runs one operation at a time. So an operation can leave at the later of two
instants: its intended start, and the completion of the session's previous operation. Any delay
beyond that is lag of the generator (or of the machine). Example: intended at 10.0 s, previous
answer at 10.3 s, sent at 10.31 s: the lag is 10 ms, and the 0.3 s are the target's latency.
What this does NOT show: lateness in reading the answer, which looks like latency of the target; the
machine's CPU figures are reported beside it for that.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.operation_errors import calm_mask
from analysis.run import Run
from iceworthy.record.history import FLAG_AUDIT, FLAG_MEMBER


def own_lag_ns(run: Run) -> npt.NDArray[np.int64]:
    """The generator's lag of each row, in ns; -1 for rows without one (audit, set-up, unsent).
    A second call returns the same array, which cannot be written to."""
    memo = run.history.memo
    if "lag" not in memo:
        memo["lag"] = _own_lag_ns(run)
        memo["lag"].setflags(write=False)
    found: npt.NDArray[np.int64] = memo["lag"]
    return found


def _own_lag_ns(run: Run) -> npt.NDArray[np.int64]:
    ops = run.history.ops
    lag = np.full(len(ops), -1, dtype=np.int64)
    rows = np.flatnonzero(
        (ops["intended_ns"] > 0)
        & (ops["sent_ns"] > 0)
        & ((ops["flags"] & (FLAG_AUDIT | FLAG_MEMBER)) == 0)
    )
    if len(rows) == 0:
        return lag
    order = rows[np.lexsort((ops["sent_ns"][rows], ops["session"][rows]))]
    session = ops["session"][order]
    free_ns = np.zeros(len(order), dtype=np.int64)
    same = session[1:] == session[:-1]
    free_ns[1:][same] = ops["completed_ns"][order][:-1][same]
    could_ns = np.maximum(ops["intended_ns"][order], free_ns)
    lag[order] = np.maximum(ops["sent_ns"][order] - could_ns, 0)
    return lag


def queued(run: Run, lag_ns: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Rows that had to wait for their session's previous operation; their lag is not judged."""
    ops = run.history.ops
    waited: npt.NDArray[np.bool_] = (lag_ns >= 0) & (ops["sent_ns"] - ops["intended_ns"] > lag_ns)
    return waited


def free(run: Run) -> npt.NDArray[np.bool_]:
    """Rows with a lag that waited for no other operation of their session: their lag is judged."""
    lag_ns = own_lag_ns(run)
    return (lag_ns >= 0) & ~queued(run, lag_ns)


def calm_lag_ms(run: Run) -> npt.NDArray[np.float64]:
    """The lag of the free rows of the steady windows, in ms."""
    judged = calm_mask(run) & free(run)
    found: npt.NDArray[np.float64] = own_lag_ns(run)[judged] / 1e6
    return found
