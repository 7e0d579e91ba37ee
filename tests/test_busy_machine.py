"""No test can fail because the machine is busy: none holds a short measured time against a bound.

Claim: a test that compares a measured duration with an upper bound of less than SHORT_S seconds, or
ends a wait that must be successful after less, stands in MEASURED with the reason why a busy
machine does not fail it. Method: the clock's values are followed through each function of a test's
file, through its lists and through the file's helpers that return them. What it does NOT show:
bounds on times that the suite itself measured (example: latency_ms of a line).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import hypothesis
import pytest

from tests.source_tree import ROOT, parsed, walked

TESTS = ROOT / "tests"
SHORT_S = 30.0
CLOCKS = {"monotonic", "perf_counter", "process_time", "thread_time", "monotonic_ns"}
WAITS = {"communicate", "wait_exit", "wait_ready", "wait_closed", "wait_until", "until", "Barrier"}
KNOWN = {"PATIENCE_S": 60.0, "BOUND_S": 120.0}
"""Bounds that files import."""
MEASURED = {
    "tests/chaos/faults/test_faults_for_real.py::test_a_slow_link_slows_its_node_alone": (
        "the least of 20 looks, of which each through the slow link takes longer"
    ),
    "tests/fixtures/reference/test_database_faults.py"
    "::test_without_the_database_every_operation_is_answered_in_time_and_ready_at_once": (
        "the least of five looks, of which each that waited would take seconds"
    ),
    "tests/fixtures/reference/test_slow_database.py"
    "::test_with_a_slow_database_readiness_is_told_at_once_and_nothing_hangs": (
        "the least of five looks, of which each that waited would take the link's latency"
    ),
}
"""file::function: why a busy machine does not fail it."""


def _clock_names(tree: ast.Module) -> set[str]:
    """The file's functions that return a time that they measured."""
    names: set[str] = set()
    for _ in range(2):  # a helper may call another
        for one in walked(tree):
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                measured = _measured(one, names)
                returns = [r.value for r in ast.walk(one) if isinstance(r, ast.Return) and r.value]
                if any(_holds(value, measured, names) for value in returns):
                    names.add(one.name)
    return names


def _holds(value: ast.AST, measured: set[str], helpers: set[str]) -> bool:
    for part in ast.walk(value):
        if isinstance(part, ast.Name) and part.id in measured:
            return True
        if isinstance(part, ast.Call):
            called = part.func
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS:
                return True
            if isinstance(called, ast.Name) and called.id in helpers:
                return True
    return False


def _measured(function: ast.AST, helpers: set[str]) -> set[str]:
    """The names of a function that hold times, or lists and pairs of them."""
    names: set[str] = set()
    for _ in range(3):
        for one in ast.walk(function):
            if isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None:
                targets = one.targets if isinstance(one, ast.Assign) else [one.target]
                if _holds(one.value, names, helpers):
                    names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            elif isinstance(one, ast.comprehension | ast.For) and _holds(one.iter, names, helpers):
                names |= {n.id for n in ast.walk(one.target) if isinstance(n, ast.Name)}
            elif (
                isinstance(one, ast.Call)
                and isinstance(one.func, ast.Attribute)
                and one.func.attr == "append"
                and isinstance(one.func.value, ast.Name)
                and any(_holds(argument, names, helpers) for argument in one.args)
            ):
                names.add(one.func.value.id)
    return names


def _number(value: ast.AST, constants: dict[str, float]) -> float | None:
    """The number that an expression of constants is; None for another."""
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        return float(value.value)
    if isinstance(value, ast.Name):
        return constants.get(value.id)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Mult):
        left, right = _number(value.left, constants), _number(value.right, constants)
        if left is not None and right is not None:
            return left + right if isinstance(value.op, ast.Add) else left * right
    return None


def _constants(tree: ast.Module) -> dict[str, float]:
    found = dict(KNOWN)
    for one in tree.body:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            number = _number(one.value, found)
            if number is not None:
                found[one.targets[0].id] = number
    return found


def short_bounds(text: str) -> Iterator[tuple[str, int]]:
    """(function, line) of each short bound in a file of tests."""
    if not any(word in text for word in CLOCKS | WAITS):
        return
    tree = parsed(text)
    constants, measures = _constants(tree), any(clock in text for clock in CLOCKS)
    helpers = _clock_names(tree) if measures else set()
    for function in walked(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        measured = _measured(function, helpers) if measures else set()
        for one in ast.walk(function):
            if isinstance(one, ast.Assert):
                for compared in (c for c in ast.walk(one.test) if isinstance(c, ast.Compare)):
                    if _is_short(compared, measured, helpers, constants):
                        yield function.name, compared.lineno
            elif isinstance(one, ast.Call) and _ends_early(one, constants):
                yield function.name, one.lineno


def _is_short(
    compared: ast.Compare, measured: set[str], helpers: set[str], constants: dict[str, float]
) -> bool:
    sides = [compared.left, *compared.comparators]
    for left, operator, right in zip(sides, compared.ops, sides[1:], strict=False):
        if isinstance(operator, ast.Gt | ast.GtE):
            left, right = right, left
        elif not isinstance(operator, ast.Lt | ast.LtE):
            continue
        if _holds(left, measured, helpers) and not _holds(right, measured, helpers):
            bound = _number(right, constants)
            if bound is None and isinstance(right, ast.Name | ast.BinOp):
                bound = 0.0  # a name of another file, or a bound that is calculated
            if bound is not None and bound < SHORT_S:
                return True
    return False


def _ends_early(call: ast.Call, constants: dict[str, float]) -> bool:
    """Whether a wait that must be successful is given a short time."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in WAITS:
        return False
    given = [word.value for word in call.keywords if word.arg in ("timeout", "deadline_s")]
    bounds = [_number(value, constants) for value in given]
    return any(bound is not None and 1.0 <= bound < SHORT_S for bound in bounds)


def test_each_short_bound_is_listed_with_its_reason() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}::{function}"
        for path in sorted(TESTS.rglob("*.py"))
        for function, _ in short_bounds(path.read_text(encoding="utf-8"))
    }
    assert sorted(found - MEASURED.keys()) == []
    assert sorted(MEASURED.keys() - found) == [], "not needed any more"
    assert all(len(reason.split()) > 4 for reason in MEASURED.values())


@pytest.mark.parametrize(
    ("line", "is_short"),
    [
        ("assert time.monotonic() - begun < 3", True),
        ("assert 3 > time.monotonic() - begun", True),
        ("assert 0.5 <= time.monotonic() - begun < LIMIT", True),
        ("took = time.monotonic() - begun; assert took <= 2 * LIMIT", True),
        ("looks = []; looks.append(time.process_time() - begun); assert min(looks) < 0.3", True),
        ("assert _took() < 1", True),
        ("assert max(s for _, s in [(1, _took())]) < 1", True),
        ("process.communicate(timeout=20)", True),
        ("assert time.monotonic() - begun < 60", False),
        ("assert time.monotonic() - begun > 3", False),
        ("assert time.monotonic() < begun", False),
        ("assert len(found) < 3", False),
        ("process.communicate(timeout=60)", False),
        ("node.wait_exit(deadline_s=0.3)", False),
    ],
)
def test_a_short_bound_is_seen(line: str, is_short: bool) -> None:
    text = (
        "LIMIT = 5\n"
        "def _took():\n    begun = time.monotonic()\n    return time.monotonic() - begun\n"
        f"def test_it():\n    begun = time.monotonic()\n    {line}\n"
    )
    assert [name for name, _ in short_bounds(text)] == ["test_it"] * is_short


def test_no_property_has_a_deadline_or_fails_because_its_inputs_are_slow() -> None:
    """Hypothesis measures both; tests/conftest.py leaves them out, and a test may not ask again."""
    assert hypothesis.settings().deadline is None
    assert hypothesis.HealthCheck.too_slow in hypothesis.settings().suppress_health_check
    for path in sorted(TESTS.rglob("test_*.py")):
        for call in walked(parsed(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "settings"):
                continue
            given = {one.arg: ast.unparse(one.value) for one in call.keywords}
            assert "deadline" not in given, path
            assert "SLOW" in given.get("suppress_health_check", "SLOW"), path
