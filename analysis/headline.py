"""Which verdict of a requirement is its headline: the figure that its line and its tile show.

Claim: no fail that does less harm, or shows fewer causes of the same harm, stands before it, and
where all hold, no smaller check before a larger one. Examples: of 158 lost commits and 320 missing
metadata files, the commits; of 17 broken cases in the survey and 282 in the contract, the 282; of
92 cases of the survey that hold and 761 of the contract, the 761.
What this does NOT show: the other verdicts; the requirement's table has them all.
"""

from __future__ import annotations

from collections.abc import Sequence

from iceworthy.words.verdict import Verdict

CASES = "cases"
SHARES = frozenset({CASES, "answers", "scrapes", "changes"})
"""Units of shares that can stand for a requirement of the contract. Differences in 2,008 steps
cannot: their steps are no differences."""
Weight = tuple[int, int, int, int, bool, int]


def weight(verdict: Verdict) -> Weight:
    """How much a fail shows: its worst harm, how many causes have it, how many failures these are,
    how many failures there are in all, whether it has a figure, and how much was judged."""
    found = verdict.findings
    least = min((one.harm.rank for one in found), default=0)
    worst = [one for one in found if one.harm.rank == least]
    causes = len({one.cause for one in worst})
    of_worst, of_all = (sum(one.count for one in each) for each in (worst, found))
    return -least, causes, of_worst, of_all, bool(verdict.measures), verdict.judged


def largest(passes: Sequence[Verdict]) -> int:
    """The index of the pass that is shown: the first that has a figure; where that counts cases
    (92 of 92 hold), the share of most: more cases, or answers, scrapes or events."""
    first = next((i for i, one in enumerate(passes) if one.measures), 0)
    if not passes[first].measures or passes[first].measures[0].unit != CASES:
        return first
    return max(range(len(passes)), key=lambda i: (_whole(passes[i]), -i))


def _whole(verdict: Verdict) -> int:
    """The whole of the share that the first figure of a verdict is; -1 for another figure."""
    of = verdict.measures[0].of if verdict.measures else None
    return -1 if of is None or verdict.measures[0].unit not in SHARES else of
