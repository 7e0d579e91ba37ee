"""Requests that schemathesis generates from the contract's OpenAPI document, valid and invalid.

Claim: the same seed gives the same requests. Method: schemathesis' strategies run in this process,
for one operation and mode at a time. Its checks are not used: they would report operations that a
target does not advertise and does not need. One time in four the path parameters are generated;
otherwise they name existing entities. What it does NOT do: send.
"""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisException
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from iceworthy.specification import OPERATIONS, Operation
from iceworthy.specification.openapi import document

MADE_UP = 0.25
TEXT_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """parts: generated path parameters after the prefix; None for those of existing entities."""

    operation: Operation
    parts: tuple[str | None, ...]
    query: dict[str, Any]
    headers: dict[str, str]
    body: Any = None
    has_body: bool = False


class Over(Exception):
    """Raised by `take`: there are enough samples of this operation and mode."""


def samples(
    operation_ids: list[str], *, fuzz_seed: int, each: int, take: Callable[[Sample], None]
) -> list[str]:
    """Pass each sample to `take`, which raises Over to go on with the next operation and mode.

    Returns a description of each operation for which nothing could be generated.
    """
    known = {one.id: one for one in OPERATIONS}
    schema = schemathesis.openapi.from_dict(document(operation_ids))
    failures: list[str] = []
    for result in schema.get_all_operations():
        made: Any = result.ok()  # type: ignore[union-attr]
        one = known[made.definition.raw["operationId"]]
        modes = [GenerationMode.POSITIVE]
        if one.request or one.query or one.headers:
            modes.append(GenerationMode.NEGATIVE)
        for mode in modes:
            try:
                _run(made, mode, one, fuzz_seed, each, take)
            except Over:
                continue
            except HypothesisException as error:
                failures.append(f"{one.id} {mode.value}: {error!r}"[:200])
    return failures


def _run(
    made: Any,
    mode: GenerationMode,
    one: Operation,
    fuzz_seed: int,
    each: int,
    take: Callable[[Sample], None],
) -> None:
    rng = random.Random(f"{fuzz_seed}-{one.id}-{mode.value}")

    @seed(fuzz_seed)
    @settings(
        max_examples=each,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(made.as_strategy(generation_mode=mode))
    def each_case(case: Any) -> None:
        take(_sample(case, one, rng))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        each_case()


def _sample(case: Any, one: Operation, rng: random.Random) -> Sample:
    given_parts = case.path_parameters or {}
    parts = tuple(
        unquote(str(given_parts[name])) if name in given_parts and rng.random() < MADE_UP else None
        for name in one.parameters[1:]
    )
    has_body = not isinstance(case.body, NotSet)
    return Sample(
        operation=one,
        parts=parts,
        query={str(k): _said(v) for k, v in dict(case.query or {}).items()},
        headers={k: v for k, v in dict(case.headers or {}).items() if _can_be_sent(k, v)},
        body=case.body if has_body else None,
        has_body=has_body,
    )


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text.encode("utf-8", "replace").decode()[:TEXT_MOST]


def _can_be_sent(name: Any, value: Any) -> bool:
    """Whether HTTP can carry this value without a change of its meaning."""
    if not isinstance(value, str) or str(name).lower() in ("authorization", "host", "connection"):
        return False
    return all(" " <= letter <= "~" for letter in value) and value == value.strip()
