"""The order statistics under the checkers, against the plain way of computing them."""

from __future__ import annotations

import random

import numpy as np
import pytest

from analysis.checkers._columns import (
    FOREVER,
    MISSING,
    PairIndex,
    following_min,
    groups,
    ints,
    latest_before,
    running_max,
)

EDGES = (MISSING, MISSING + 1, -1, 0, 1, FOREVER - 1, FOREVER)


def column(rng: random.Random, size: int) -> list[int]:
    return [rng.choice((*EDGES, rng.randrange(-5, 5))) for _ in range(size)]


@pytest.mark.parametrize("seed", range(30))
def test_running_extremes_are_those_of_the_segment_so_far(seed: int) -> None:
    rng = random.Random(seed)
    size = rng.randrange(0, 12)
    segment = sorted(rng.randrange(0, 3) for _ in range(size))
    value = column(rng, size)
    best = [
        max(v for s, v in zip(segment[: i + 1], value[: i + 1], strict=True) if s == segment[i])
        for i in range(size)
    ]
    least = [
        min(v for s, v in zip(segment[i:], value[i:], strict=True) if s == segment[i])
        for i in range(size)
    ]
    assert running_max(ints(segment), ints(value)).tolist() == best
    assert following_min(ints(segment), ints(value)).tolist() == least


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("inclusive", [False, True])
def test_latest_before_is_the_highest_earlier_value_of_the_segment(
    seed: int, inclusive: bool
) -> None:
    rng = random.Random(seed)
    events = [
        (rng.randrange(-1, 3), rng.choice(column(rng, 3)), rng.choice(column(rng, 3)))
        for _ in range(rng.randrange(0, 10))
    ]
    queries = [(rng.randrange(-1, 4), rng.choice(column(rng, 3))) for _ in range(8)]

    def plain(segment: int, time: int) -> int:
        return max(
            (v for s, t, v in events if s == segment and (t < time or (inclusive and t == time))),
            default=MISSING,
        )

    segment, time, value = (ints([event[i] for event in events]) for i in range(3))
    found = latest_before(
        (segment, time, value),
        (ints([q[0] for q in queries]), ints([q[1] for q in queries])),
        inclusive=inclusive,
    )
    assert found.tolist() == [plain(*query) for query in queries]


@pytest.mark.parametrize("seed", range(30))
def test_pairs_are_found_and_grouped_as_a_dictionary_would(seed: int) -> None:
    rng = random.Random(seed)
    size = rng.randrange(0, 12)
    segment = [rng.randrange(0, 3) for _ in range(size)]
    value = column(rng, size)
    first: dict[tuple[int, int], int] = {}
    for row, pair in enumerate(zip(segment, value, strict=True)):
        first.setdefault(pair, row)
    wanted = [(rng.randrange(-1, 4), rng.choice(column(rng, 2))) for _ in range(10)]
    index = PairIndex.of(ints(segment), ints(value))
    found = index.find(ints([w[0] for w in wanted]), ints([w[1] for w in wanted]))
    assert found.tolist() == [first.get(pair, -1) for pair in wanted]
    group, count = groups(ints(segment), ints(value))
    pairs = list(zip(segment, value, strict=True))
    assert np.array_equal(count[group], [pairs.count(pair) for pair in pairs])
