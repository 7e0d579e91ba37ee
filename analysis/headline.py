"""Which fail of a requirement is its headline: the figure that its line and its tile show.

Claim: no fail that does less harm, or shows fewer causes of the same harm, stands before it.
Examples: of 158 lost commits and 320 missing metadata files, the commits; of 17 broken cases in the
survey and 282 in the contract, the 282.
What this does NOT show: the other fails; the requirement's table has them all.
"""

from __future__ import annotations

from iceworthy.words.verdict import Verdict

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
