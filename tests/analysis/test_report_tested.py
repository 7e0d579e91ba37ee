"""What was tested, as rows: what is known has a row, what is not has none."""

from __future__ import annotations

from typing import Any

from analysis.report_tested import Offered, markdown_about, offered, rows_about
from iceworthy.record.review import ReviewRecord
from iceworthy.record.tested import UnderTest
from iceworthy.words.limits import LimitsSpec
from iceworthy.words.target import TargetSpec
from tests.streams import append_line


def test_a_review_of_before_says_nothing_of_it() -> None:
    assert rows_about(ReviewRecord(), []) == []
    assert markdown_about([]) == []


def test_user_limits_have_a_row_beside_those_of_the_requirements() -> None:
    spec = TargetSpec(name="x", summary="x", limits=LimitsSpec(read_p95_ms=20.0, recovery_s=2.0))
    rows = rows_about(ReviewRecord(target_spec=spec), [])
    said = "read_p95_ms = 20 (SC-003: 50); recovery_s = 2 (EC-1: the experiment's)"
    assert rows == [("own limits", said)]
    assert rows_about(ReviewRecord(target_spec=TargetSpec(name="x", summary="x")), []) == []


def test_catalog_machine_and_experiments_have_their_rows() -> None:
    known = UnderTest(
        version="1.2", program="/bin/x", sha256="ab", cpu="Fast", memory_bytes=8 * 10**9
    )
    review = ReviewRecord(cpus=2, tested=known, took_s={"steady": 61.4})
    one = Offered(
        experiment="steady",
        load="1,000 sessions (readers 1: one operation each 2 s)",
        per_s=611.4,
        steal=0.004,
        busy=0.63,
        versions=(("postgresql", "18.4"),),
    )
    rows = dict(rows_about(review, [one]))
    assert rows["catalog"] == "1.2"
    assert rows["its program"] == "/bin/x (SHA-256 ab)"
    assert rows["postgresql"] == "18.4"
    assert rows["CPU and memory"] == "Fast, 2 CPUs, 8.0 GB memory"
    assert rows["steady"] == (
        "61 s in all, 1,000 sessions (readers 1: one operation each 2 s), "
        "611 operations a second, CPU 63% busy, steal 0.4%"
    )
    assert "## What was tested" in markdown_about(list(rows.items()))


def test_the_rate_is_that_of_all_workers_together(synthetic: Any) -> None:
    run = synthetic()
    for worker, rate in (("load-0", 100), ("load-1", 50)):
        for second in range(3):
            append_line(
                run.folder,
                "load",
                t_ns=10**9 * (1 + second),
                worker=worker,
                operations=7 + rate * second,
            )
    append_line(run.folder, "machine", t_ns=1, cpu_busy=0.5, steal=0.1)
    append_line(run.folder, "machine", t_ns=2, cpu_busy=0.7, steal=0.3)
    found = offered(run.done())
    assert found.per_s == 150.0
    assert (round(found.steal or 0, 3), round(found.busy or 0, 3)) == (0.2, 0.6)
