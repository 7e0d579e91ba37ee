"""Names that follow from the seed of a run.

Claim: the same seed, token and purpose give the same names in every process, so that a run can be
repeated request by request. The token is "" for a target that the suite starts with an empty
catalog. A target that goes on living may still hold the names of an earlier run with the same seed;
there the token is new in each run, and plan.json keeps it (`world_token`).
"""

from __future__ import annotations

import hashlib
import time


def name_tag(seed: int, token: str = "") -> str:
    """Eight hexadecimal digits, for example "1f0c93ab", that stand in every name of a run."""
    return hashlib.blake2b(f"{seed}/{token}".encode(), digest_size=4).hexdigest()


def new_token(*, lives_on: bool) -> str:
    """The token of this run on a target: the time in milliseconds if it lives on, else ""."""
    return f"{time.time_ns() // 1_000_000:x}" if lives_on else ""
