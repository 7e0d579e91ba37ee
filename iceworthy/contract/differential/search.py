"""The search: draw sequences, run them on both sides, shrink one for each cause.

Claim: a fixed seed draws the same sequences again, and each cause comes with a sequence that
Hypothesis could not make shorter within the bounds. Method: sequences are drawn in small batches,
each with its own seed. Nothing fails while they are drawn; every result is remembered. To shrink a
cause, its batch is drawn again and answered from memory up to the first sequence that shows the
cause; from there Hypothesis shrinks, and only new sequences are sent. Differences that look alike
are told apart by the traits of their step: a shrunk sequence shows which traits the difference
needs. All differences with these traits are explained by it; the others are another cause. What it
does NOT show: that nothing else differs; it is bounded by steps and seconds.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.strategies import SearchStrategy

from fixtures.stack.cache import cache_root
from iceworthy.contract.differential.rulings import ruling_of
from iceworthy.contract.differential.run import Pair, Shown, Signature, run, short
from iceworthy.contract.differential.sequences import sequences
from iceworthy.contract.differential.steps import Sequence

BATCH = 20
RUNS_A_CAUSE_MAX = 120
CAUSES_A_SIGNATURE_MAX = 6
CAUSES_MAX = 60
SIMPLE_SEED = 1_000_003
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A difference with the shortest sequence found, and the number of sequences it explains."""

    shown: Shown
    sequence: Sequence
    times: int
    shrunk: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """steps: operations to be drawn and run, shrinking not counted; seconds: of all of it.
    operations: only these, of those that both have; none named are all. token: as in
    iceworthy/words/seeded.py."""

    seed: int = 1
    steps: int = 2000
    seconds: float = 300.0
    operations: frozenset[str] = frozenset()
    token: str = ""


@dataclass(slots=True, kw_only=True)
class Search:
    """The result. steps: drawn and run. all_steps: including shrinking."""

    causes: list[Cause] = field(default_factory=list)
    sequences: int = 0
    steps: int = 0
    all_steps: int = 0
    seconds: float = 0.0
    stopped: str = ""


class _Enough(BaseException):
    """The bounds of shrinking are used up. A BaseException, because Hypothesis would treat an
    Exception as a failure of the sequence and continue."""


class _Shows(Exception):
    """Raised if the sequence shows the difference that is searched for."""


@dataclass(slots=True)
class _Seen:
    """A difference of one drawn sequence, and the batch that contains it."""

    batch: int
    sequence: Sequence
    shown: Shown


class _Memory:
    """Runs each sequence once, and returns the remembered result after that."""

    def __init__(self, pair: Pair, deadline: float) -> None:
        self._pair, self._deadline = pair, deadline
        self._known: dict[str, list[Shown]] = {}
        self.runs_left = 0

    @property
    def out_of_time(self) -> bool:
        return time.monotonic() > self._deadline

    def shown(self, sequence: Sequence) -> list[Shown]:
        """Raises _Enough if the sequence is new and the time or the runs are used up."""
        key = repr(sequence)
        if key not in self._known:
            if self.runs_left <= 0 or self.out_of_time:
                raise _Enough
            self.runs_left -= 1
            self._known[key] = run(self._pair, sequence)
        return self._known[key]


def search(pair: Pair, bounds: Bounds, tell: Tell) -> Search:
    """Draw sequences, run them, shrink one for each cause."""
    begun = time.monotonic()
    # otherwise Hypothesis creates a folder with Unicode tables in the user's current folder
    set_hypothesis_home_dir(cache_root() / "hypothesis")
    result = Search()
    memory = _Memory(pair, begun + bounds.seconds)
    strategy = sequences(pair.operations & (bounds.operations or pair.operations))
    drawing_ends = begun + bounds.seconds * 0.6
    seen: list[_Seen] = []
    batch = 0
    while result.steps < bounds.steps:
        if time.monotonic() > drawing_ends:
            result.stopped = f"the time for drawing ({bounds.seconds * 0.6:.0f} s) was used up"
            break
        _draw_batch(strategy, (bounds, batch), memory, pair, (result, seen))
        batch += 1
        kinds = len({one.shown.signature for one in seen})
        done = f"{result.steps}/{bounds.steps} steps, {result.sequences} sequences"
        tell(f"{done}, {kinds} kinds of difference")
    _shrink_all(strategy, bounds, memory, (result, seen), tell)
    result.all_steps, result.seconds = pair.steps, time.monotonic() - begun
    return result


def _settings(*phases: Phase) -> settings:
    return settings(
        max_examples=BATCH,
        database=None,
        deadline=None,
        phases=phases,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        print_blob=False,
    )


def _draw_batch(
    strategy: SearchStrategy[Sequence],
    which: tuple[Bounds, int],
    memory: _Memory,
    pair: Pair,
    into: tuple[Search, list[_Seen]],
) -> None:
    (bounds, batch), (result, seen) = which, into

    @seed(bounds.seed * SIMPLE_SEED + batch)
    @_settings(Phase.generate)
    @given(strategy)
    def draw(sequence: Sequence) -> None:
        if result.steps >= bounds.steps:
            raise _Enough
        before = pair.steps
        memory.runs_left = 1
        for shown in memory.shown(sequence):
            seen.append(_Seen(batch, sequence, shown))
        result.sequences += 1
        result.steps += pair.steps - before

    with contextlib.suppress(_Enough):
        draw()


def _shrink_all(
    strategy: SearchStrategy[Sequence],
    bounds: Bounds,
    memory: _Memory,
    found: tuple[Search, list[_Seen]],
    tell: Tell,
) -> None:
    result, seen = found
    for signature in dict.fromkeys(one.shown.signature for one in _weightiest_first(seen)):
        unexplained = [one for one in seen if one.shown.signature == signature]
        for _ in range(CAUSES_A_SIGNATURE_MAX):
            if not unexplained:
                break
            if len(result.causes) >= CAUSES_MAX:
                result.stopped = result.stopped or f"more than {CAUSES_MAX} causes"
                return
            first = _weightiest_first(unexplained)[0]
            if not _weight(first):  # allowed differences are counted, not shrunk
                result.causes.append(_as_it_is(first, len(unexplained)))
                break
            cause = _shrunk(strategy, bounds, memory, (result, signature, first))
            left = [one for one in unexplained if not explains(cause.shown, one.shown)]
            left = [one for one in left if one is not first]
            times = len(unexplained) - len(left)
            result.causes.append(
                Cause(shown=cause.shown, sequence=cause.sequence, times=times, shrunk=cause.shrunk)
            )
            tell(f"cause {len(result.causes)}: {len(cause.sequence)} steps, {signature}")
            unexplained = left


def _weight(one: _Seen) -> int:
    return ("allowed", "undecided", "wrong").index(ruling_of(one.shown).verdict)


def _weightiest_first(seen: list[_Seen]) -> list[_Seen]:
    return sorted(seen, key=lambda one: (-_weight(one), len(one.sequence)))


def _as_it_is(one: _Seen, times: int) -> Cause:
    return Cause(
        shown=one.shown, sequence=short(one.sequence, one.shown), times=times, shrunk=False
    )


def explains(minimal: Shown, other: Shown) -> bool:
    """Whether `other` has every trait that was needed to show the minimal difference."""
    if minimal.signature != other.signature:
        return False
    if _is_spoiled(minimal) and _is_spoiled(other):
        return True  # it does not matter which field a server parses too loosely or ignores
    return minimal.step.traits <= other.step.traits


def _is_spoiled(shown: Shown) -> bool:
    return any(trait.startswith("wrong: ") for trait in shown.step.traits)


def _shrunk(
    strategy: SearchStrategy[Sequence],
    bounds: Bounds,
    memory: _Memory,
    about: tuple[Search, Signature, _Seen],
) -> Cause:
    """The cause of one difference: the last sequence that failed while Hypothesis shrank it."""
    result, signature, one = about
    explained = [c.shown for c in result.causes if c.shown.signature == signature]
    best: list[tuple[Sequence, Shown]] = []

    def is_same(shown: Shown) -> bool:
        return shown.signature == signature and not any(explains(e, shown) for e in explained)

    @seed(bounds.seed * SIMPLE_SEED + one.batch)
    @_settings(Phase.generate, Phase.shrink)
    @given(strategy)
    def shrink(sequence: Sequence) -> None:
        for shown in memory.shown(sequence):
            if is_same(shown):
                best.append((sequence, shown))
                raise _Shows

    # drop steps first: Hypothesis shrinks choices, and may use up its runs before it drops steps
    memory.runs_left = RUNS_A_CAUSE_MAX // 2
    first = _fewer(memory, is_same, short(one.sequence, one.shown), one.shown)
    memory.runs_left = RUNS_A_CAUSE_MAX
    if not memory.out_of_time:
        with contextlib.suppress(_Shows, _Enough):
            shrink()
    sequence, shown = first
    if best:
        memory.runs_left = RUNS_A_CAUSE_MAX // 2
        plainer = _fewer(memory, is_same, short(best[-1][0], best[-1][1]), best[-1][1])
        if len(plainer[0]) <= len(sequence):
            sequence, shown = plainer
    return Cause(shown=shown, sequence=sequence, times=1, shrunk=bool(best))


def _fewer(
    memory: _Memory, is_same: Callable[[Shown], bool], sequence: Sequence, shown: Shown
) -> tuple[Sequence, Shown]:
    """Remove every step that the difference does not need."""
    index = 0
    with contextlib.suppress(_Enough):
        while index < len(sequence):
            shorter = sequence[:index] + sequence[index + 1 :]
            still = next((other for other in memory.shown(shorter) if is_same(other)), None)
            if still is None:
                index += 1
            else:
                sequence, shown = short(shorter, still), still
    return sequence, shown
