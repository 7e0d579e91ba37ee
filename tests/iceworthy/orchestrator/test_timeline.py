"""Windows: steady ones meet no fault, and nothing of the load is judged twice."""

import pytest

from iceworthy.orchestrator.timeline import MARGIN_S, RECOVERY_S, load_end_ns, steps, windows
from iceworthy.record.fault_spans import FaultSpan, fault_spans
from iceworthy.record.run_lines import FaultEvent, Window
from iceworthy.words.experiment import FaultAt

S = 1_000_000_000


def kinds(lines: list[Window]) -> list[tuple[str, float, float]]:
    return [(line.kind, line.start_ns / S, line.end_ns / S) for line in lines]


def test_without_faults_all_after_the_warm_up_is_steady() -> None:
    lines = windows(t0_ns=0, end_ns=20 * S, warmup_s=3, faults=[])
    assert kinds(lines) == [("warmup", 0, 3), ("steady", 3, 20)]


def test_steady_ends_a_margin_before_a_fault_and_begins_after_its_recovery() -> None:
    fault = FaultSpan(fault="cut_link", node=0, inject_ns=10 * S, heal_ns=14 * S)
    lines = windows(t0_ns=0, end_ns=30 * S, warmup_s=3, faults=[fault])
    assert kinds(lines) == [
        ("warmup", 0, 3),
        ("steady", 3, 10 - MARGIN_S),
        ("fault", 10, 14),
        ("recovery", 14, 14 + RECOVERY_S),
        ("steady", 14 + RECOVERY_S, 30),
    ]


def test_a_fault_that_was_never_healed_lasts_to_the_end() -> None:
    fault = FaultSpan(fault="kill_node", node=1, inject_ns=10 * S, heal_ns=None)
    lines = windows(t0_ns=0, end_ns=30 * S, warmup_s=3, faults=[fault])
    assert kinds(lines)[-1] == ("fault", 10, 30)
    assert lines[-1].node == 1


def test_recovery_ends_where_the_next_fault_begins() -> None:
    faults = [
        FaultSpan(fault="cut_link", node=0, inject_ns=5 * S, heal_ns=7 * S),
        FaultSpan(fault="cut_link", node=1, inject_ns=9 * S, heal_ns=11 * S),
    ]
    lines = windows(t0_ns=0, end_ns=12 * S, warmup_s=1, faults=faults)
    assert ("recovery", 7, 9) in kinds(lines)
    assert [kind for kind, *_ in kinds(lines)].count("steady") == 1


def test_overlapping_faults_leave_no_steady_stretch_between() -> None:
    faults = [
        FaultSpan(fault="slow_link", node=0, inject_ns=5 * S, heal_ns=15 * S),
        FaultSpan(fault="kill_node", node=1, inject_ns=8 * S, heal_ns=10 * S),
    ]
    steady = [
        w
        for w in kinds(windows(t0_ns=0, end_ns=30 * S, warmup_s=1, faults=faults))
        if w[0] == "steady"
    ]
    assert steady == [("steady", 1, 4), ("steady", 20, 30)]


def test_inject_and_heal_are_paired_by_fault_and_node() -> None:
    lines = [
        FaultEvent(fault="cut_link", event="inject", t_ns=1, node=0),
        FaultEvent(fault="cut_link", event="inject", t_ns=2, node=1),
        FaultEvent(fault="cut_link", event="heal", t_ns=3, node=1),
        FaultEvent(fault="cut_link", event="bit", t_ns=2, node=0),
    ]
    assert [(s.node, s.inject_ns, s.heal_ns) for s in fault_spans(lines)] == [
        (0, 1, None),
        (1, 2, 3),
    ]


def test_steps_fall_due_in_order_of_time() -> None:
    planned = (FaultAt(fault="a", at_s=5, hold_s=10), FaultAt(fault="b", at_s=7, hold_s=2))
    assert [(d.at_s, d.heal, d.index) for d in steps(planned)] == [
        (5, False, 0),
        (7, False, 1),
        (9, True, 1),
        (15, True, 0),
    ]


@pytest.mark.parametrize(
    ("planned_s", "began_s", "over_s", "ends_s"),
    [
        (20.0, 13.0, 15.0, 20.0),  # the heal took 2 of the 7 s that were planned for what follows
        (20.0, 16.5, 17.0, 23.5),  # it began 3.5 s late: the load goes on for the same 7 s
        (20.0, 13.0, 19.0, 24.0),  # it took 6 s: recovery is judged for 5 s after it
        (17.0, 13.0, 15.0, 19.0),  # 4 s were planned: so long, however long the heal took
        (14.0, 13.0, 13.0, 16.0),  # less was planned than is needed to see answers without errors
    ],
)
def test_a_late_heal_leaves_as_much_load_after_it_as_was_planned(
    planned_s: float, began_s: float, over_s: float, ends_s: float
) -> None:
    fault = FaultAt(fault="kill_node", at_s=11.0, hold_s=2.0)
    early = FaultAt(fault="kill_node", at_s=4.0, hold_s=2.0)
    heals = [(early, 6 * S, 8 * S), (fault, int(began_s * S), int(over_s * S))]
    assert load_end_ns(0, planned_s, heals) == int(ends_s * S)


def test_without_faults_the_load_ends_as_planned() -> None:
    assert load_end_ns(3 * S, 20.0, []) == 23 * S
