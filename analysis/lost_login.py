"""A login that worked, and is refused from some instant to the end of the run, on every node.

Claim: where the target file names a fixed token or an API key, nobody can tell an expired secret
from a catalog that forgot it: what was refused from that instant on accuses nobody. An OAuth2 login
is renewed by the suite; that its tokens are refused is the catalog's doing, and stands.
Method: the statuses of all operations in the order of their answers.
What this does NOT show: which of the two happened. A refusal after which an answer was good again
is no lost login.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.run import Run
from iceworthy.words.blame import REFUSED, EvidenceKind, Ground
from iceworthy.words.target_text import key_shown

LEAST = 20  # good answers before, and refusals after
KEYS = {"token": "token_variable", "api_key": "api_key_variable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LostLogin:
    """from_ns: the instant of the first refusal."""

    from_ns: int
    reason: str

    def explains(self, ground: Ground) -> bool:
        """Whether this evidence is refusals since then."""
        return (
            ground.kind is EvidenceKind.STATUS
            and bool(ground.spans)
            and all(end_ns >= self.from_ns for _, end_ns in ground.spans)
        )


def lost_login(run: Run) -> LostLogin | None:
    """The login that was lost in a run; None where none was, or where it is the catalog's doing."""
    spec = run.plan.target
    if spec is None or spec.auth.kind not in KEYS:
        return None
    ops = run.history.ops
    answered = np.flatnonzero(ops["status"] != 0)
    order = answered[np.argsort(ops["completed_ns"][answered], kind="stable")]
    statuses = ops["status"][order]
    good = np.flatnonzero(~np.isin(statuses, REFUSED))
    if len(good) < LEAST or len(order) - 1 - good[-1] < LEAST:
        return None
    after = order[good[-1] + 1 :]
    if set(ops["node"][after].tolist()) != set(ops["node"][order].tolist()):
        return None
    from_ns = int(ops["completed_ns"][after[0]])
    t0_ns = run.plan.t0_ns
    when = f"from {(from_ns - t0_ns) / 1e9:.1f} s after the load began" if t0_ns else "from then"
    key = key_shown(spec, "auth", KEYS[spec.auth.kind])
    return LostLogin(
        from_ns=from_ns,
        reason=(
            f"the login worked, and {when} all {len(after)} answers refused it: the secret that "
            f"{key} names may have expired, or the catalog forgot it; nobody can tell from here: "
            "run again with one that lives longer"
        ),
    )
