"""One comparison: from the addresses of two catalogs to differences with rulings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fixtures.stack.stack import open_stack
from iceworthy.contract.differential.ruling_table import Ruling
from iceworthy.contract.differential.rulings import ruling_of
from iceworthy.contract.differential.run import Pair
from iceworthy.contract.differential.search import Bounds, Cause, Search, Tell, search
from iceworthy.contract.differential.side import Side, open_side
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.seeded import name_tag
from iceworthy.words.target import NodeSpec, TargetSpec
from iceworthy.words.target_file import load_target


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A cause with its ruling, and the curl lines that repeat it."""

    cause: Cause
    ruling: Ruling
    target_lines: tuple[str, ...]
    reference_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The result of a comparison. operations: those that both catalogs have."""

    target: str
    reference: str
    operations: frozenset[str]
    bounds: Bounds
    search: Search
    ruled: tuple[Ruled, ...]

    @property
    def wrong(self) -> tuple[Ruled, ...]:
        """The differences that the contract decides against the target."""
        return tuple(one for one in self.ruled if one.ruling.verdict == "wrong")


def compare(
    target: TargetSpec, target_url: str, reference_url: str, *, bounds: Bounds, tell: Tell
) -> Compared:
    """Compare two running catalogs; TargetError if one gives no configuration."""
    plain = TargetSpec(name="reference", summary="the oracle", node=NodeSpec())
    with (
        open_side("reference", plain, reference_url) as ours,
        open_side(target.name, target, target_url) as theirs,
    ):
        return compare_sides(theirs, ours, bounds=bounds, tell=tell)


def compare_sides(target: Side, reference: Side, *, bounds: Bounds, tell: Tell) -> Compared:
    """The same for sides that are open already."""
    tag = name_tag(bounds.seed, bounds.token)
    pair = Pair(target=target, reference=reference, tag=tag)
    found = search(pair, bounds, tell)
    rulings = tuple(_ruled(cause) for cause in found.causes)
    return Compared(
        target=target.asker.url,
        reference=reference.asker.url,
        operations=pair.operations,
        bounds=bounds,
        search=found,
        ruled=rulings,
    )


def _ruled(cause: Cause) -> Ruled:
    return Ruled(
        cause=cause,
        ruling=ruling_of(cause.shown),
        target_lines=tuple(one.curl for one in cause.shown.their_calls),
        reference_lines=tuple(one.curl for one in cause.shown.our_calls),
    )


@contextlib.contextmanager
def oracle(folder: Path, *, lie: str | None = None) -> Iterator[str]:
    """Run a reference with its own database and one node; yields its address."""
    with open_stack(load_target("reference"), RunFolder(folder), lie=lie, node_count=1) as stack:
        yield stack.nodes[0].url
