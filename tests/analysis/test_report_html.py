"""Who is to blame stands in every form of the report where it is not the catalog."""

from __future__ import annotations

import pytest

from analysis.report_html import blamed
from analysis.report_text import junit, markdown, terminal_table
from iceworthy.record.review import ReviewRecord
from iceworthy.record.verdicts import RequirementVerdict, ReviewVerdicts
from iceworthy.words.blame import Blame
from iceworthy.words.verdict import Judgement


@pytest.mark.parametrize(
    ("blame", "told"),
    [
        (Blame.MACHINE, "to blame is the machine: slow"),
        (Blame.OUTSIDE, "to blame is somebody outside: slow"),
        (Blame.CATALOG, "slow"),
        (None, "slow"),
    ],
)
def test_who_is_to_blame_is_told_where_it_is_not_the_catalog(
    blame: Blame | None, told: str
) -> None:
    assert blamed(blame, "slow") == told
    unknown = Judgement.UNKNOWN
    one = RequirementVerdict(id="SC-003", verdict=unknown, reason="slow", blame=blame)
    verdicts = ReviewVerdicts(verdict=unknown, requirements=(one,), experiments={}, target="t")
    for text in (terminal_table(verdicts), markdown(verdicts, ReviewRecord()), junit(verdicts)):
        assert told in text
        assert ("to blame" in text) is told.startswith("to blame")
