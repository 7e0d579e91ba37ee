"""Requests that are made up: what they are, by which seed, and that they harm nobody else."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from iceworthy.client.connect import Config
from iceworthy.contract.desk import Desk
from iceworthy.contract.fuzz import broken_bodies, generated
from iceworthy.contract.fuzz.entities import NEW, Entities
from iceworthy.specification import OPERATIONS, operation, validate_request
from iceworthy.specification.openapi import LINKS, document

LAWFUL = {"namespace": ["a"], "properties": {"k": "v"}}


def made(seed: int, ids: list[str], *, each: int = 5) -> list[generated.Sample]:
    found: list[generated.Sample] = []
    left_out = generated.samples(ids, fuzz_seed=seed, each=each, take=found.append)
    assert left_out == []
    return found


def test_the_same_seed_makes_the_same_requests_and_another_one_others() -> None:
    ids = ["createNamespace", "listTables"]
    found = made(7, ids)
    assert made(7, ids) == found
    assert made(8, ids) != found


def test_every_operation_gets_requests_lawful_and_not() -> None:
    ids = [one.id for one in OPERATIONS if one.id != "getToken"]
    found = made(1, ids, each=2)
    assert {one.operation.id for one in found} == set(ids)
    bodies = [one for one in found if one.has_body and not isinstance(one.body, bytes)]
    lawful = Counter(
        not validate_request(one.operation.id, broken_bodies.dumped(one.body)) for one in bodies
    )
    assert min(lawful[True], lawful[False]) > 5


def test_an_operation_whose_turn_is_over_does_not_take_the_next_ones() -> None:
    seen: Counter[str] = Counter()

    def take(sample: generated.Sample) -> None:
        seen[sample.operation.id] += 1
        raise generated.Over

    ids = ["createNamespace", "loadTable", "listTables"]
    assert generated.samples(ids, fuzz_seed=1, each=20, take=take) == []
    assert set(seen) == set(ids)


def test_the_document_has_what_was_asked_for_and_links_within_it() -> None:
    whole = document()
    known = [verb["operationId"] for item in whole["paths"].values() for verb in item.values()]
    assert len(known) == len(OPERATIONS)
    for writer, readers in LINKS.items():
        for reader, parameters in readers.items():
            assert set(parameters) == set(operation(reader).parameters) - {"prefix"}
            assert operation(writer).mutation
    assert "links" in str(document(["createTable", "loadTable"]))
    assert "links" not in str(document(["createTable", "dropTable"]))


def test_a_broken_body_differs_in_one_thing_and_says_in_which() -> None:
    found = list(broken_bodies.bodies(LAWFUL, random.Random(1), most=1000))
    labels = [label for label, _ in found]
    assert len(set(labels)) == len(labels) > 70
    bodies = dict(found)
    assert json.loads(bodies["a number at /properties/k"]) == {**LAWFUL, "properties": {"k": 7}}
    assert json.loads(bodies["left out at /namespace"]) == {"properties": {"k": "v"}}
    assert bodies["a key twice"].count(b'"namespace"') == 2
    assert len(max(bodies.values(), key=len)) > 4 << 20
    assert list(broken_bodies.bodies(LAWFUL, random.Random(1), most=3))[-1] in found


@pytest.mark.parametrize("one", [one for one in OPERATIONS if one.request], ids=lambda one: one.id)
def test_there_is_a_lawful_body_of_every_operation(whole_desk: Desk, one: Any) -> None:
    if one.id == "getToken":
        return
    entities = Entities(whole_desk)
    entities.space, entities.location = ("iw_1",), "file:/w/t"
    body = entities.lawful(one.id)
    assert validate_request(one.id, broken_bodies.dumped(body)) == []


def test_names_and_locations_that_are_made_up_stay_below_the_runs_own(
    desk_on: Callable[..., Desk],
) -> None:
    entities = Entities(desk_on(Config()))
    entities.space, entities.location = ("iw_1",), "file:/w/t"
    assert entities.tamed("createNamespace", {"namespace": ["x"]}) == {"namespace": ["iw_1", "x"]}
    assert entities.tamed("createNamespace", {"namespace": 7}) == {"namespace": 7}
    moved = entities.tamed("renameTable", {"destination": {"namespace": ["x"], "name": "t"}})
    assert moved["destination"]["namespace"] == ["iw_1"]
    update = {"updates": [{"action": "set-location", "location": "/etc"}]}
    assert "/etc" not in str(entities.tamed("updateTable", update))
    assert NEW in str(entities.lawful("createTable"))
