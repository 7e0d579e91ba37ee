"""Random sequences of operations: which operations, how often, and with which names.

Claim: every operation, update and requirement that both catalogs have is drawn, valid and invalid,
over few names, so that steps affect each other. Method: Hypothesis strategies over plain data, so a
sequence is replayed from its seed and shrunk by removing steps and simplifying values; the first
choice in each list is the simplest. What it does NOT do: send requests, or depend on a catalog.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from iceworthy.contract.differential.spoiled_bodies import spoiled
from iceworthy.contract.differential.steps import Known, Levels, Place, Sequence, Space, Step, Touch
from iceworthy.contract.differential.table_changes import table_requirement, table_updates
from iceworthy.contract.differential.table_shapes import create_table_body
from iceworthy.contract.differential.view_shapes import (
    create_view_body,
    view_requirement,
    view_updates,
)

STEPS_MAX = 12
ODD = (
    "d.ot",
    "we ird",
    "sl/ash",
    "per%cent",
    "%2F",
    "%1F",
    "plus+",
    "q?a=b&c#d",
    "quo'te\"",
    "back\\slash",
    "UPPER",
    "-",
    "_",
    "é",
    "日本",
    "🧊",
    "ＦＵＬＬ",
    "..",
    "tab\tbed",
    "x" * 200,
)
_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1f")
ODD_NAMES = st.sampled_from(ODD) | st.text(_LETTERS, min_size=1, max_size=12)
SPACES: tuple[Levels, ...] = (("a",), ("b",), ("a", "c"), ("a", "c", "d"))
TABLES, VIEWS = (*("t",) * 7, "u", "u", "v"), (*("w",) * 6, "x", "t")
PAGE_SIZES = ("", "1", "2", "3", "7", "100", "1000")
KEYS, VALUES = ("k", "l", "odd key"), ("1", "2", "", "日本", "a,b=c")
ODD_ONE_IN, WRONG_ONE_IN = 25, 16
BULK = 103
HOW_MANY = st.sampled_from((0, 0, 0, 1, 1, 2))


def often(draw: DrawFn, one_in: int) -> bool:
    """True once in `one_in` draws; shrinks to False."""
    return draw(st.integers(0, one_in - 1)) == one_in - 1


def a_space(draw: DrawFn) -> Levels:
    space = draw(st.sampled_from((*(SPACES[0],) * 15, *SPACES[1:])))
    if often(draw, 2 * ODD_ONE_IN):
        return (*space[:-1], draw(ODD_NAMES))
    return space


def a_name(draw: DrawFn, names: tuple[str, ...]) -> str:
    return draw(ODD_NAMES if often(draw, ODD_ONE_IN) else st.sampled_from(names))


def some_properties(draw: DrawFn) -> dict[str, str]:
    return draw(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=2))


def _of_space(space: Levels) -> tuple[Touch, ...]:
    return Touch("loadNamespaceMetadata", space), Touch("listNamespaces", space[:-1])


def create_namespace(draw: DrawFn) -> Step:
    space = a_space(draw)
    body: dict[str, Any] = {"namespace": Space(space)}
    if properties := some_properties(draw):
        body["properties"] = properties
    return Step(operation="createNamespace", space=space, body=body, touches=_of_space(space))


def drop_namespace(draw: DrawFn) -> Step:
    space = a_space(draw)
    return Step(operation="dropNamespace", space=space, touches=_of_space(space))


def update_properties(draw: DrawFn) -> Step:
    """Set and remove properties of a namespace; sometimes one key is in both."""
    space = a_space(draw)
    removals = draw(st.lists(st.sampled_from(KEYS), max_size=2, unique=True))
    body = {"updates": some_properties(draw), "removals": removals}
    both = frozenset({"key in both"} if set(removals) & set(body["updates"]) else ())
    return Step(
        operation="updateProperties",
        space=space,
        body=body,
        traits=both,
        touches=(Touch("loadNamespaceMetadata", space),),
    )


def of_one_namespace(operation: str) -> Callable[[DrawFn], Step]:
    return lambda draw: Step(operation=operation, space=a_space(draw))


def of_one_table(operation: str, lists: str = "", loads: str = "") -> Callable[[DrawFn], Step]:
    """A step without a body on one table or view. lists, loads: operations that read its effect."""

    def step(draw: DrawFn) -> Step:
        space = a_space(draw)
        name = a_name(draw, VIEWS if "View" in operation else TABLES)
        touches = (Touch(loads, space, name), Touch(lists, space)) if lists else ()
        query: tuple[tuple[str, str], ...] = ()
        if operation == "dropTable":
            query = draw(
                st.sampled_from(((), (("purgeRequested", "true"),), (("purgeRequested", "false"),)))
            )
        elif operation == "loadTable":
            query = draw(st.sampled_from(((), (("snapshots", "refs"),), (("snapshots", "all"),))))
        return Step(operation=operation, space=space, name=name, query=query, touches=touches)

    return step


def listing(operation: str) -> Callable[[DrawFn], Step]:
    """A listing read through all its pages; the page size is drawn."""

    def step(draw: DrawFn) -> Step:
        space = a_space(draw) if operation != "listNamespaces" or draw(st.booleans()) else ()
        size = draw(st.sampled_from(PAGE_SIZES))
        query = (("pageToken", ""), ("pageSize", size)) if size else ()
        traits = frozenset({f"pageSize {size}"} if size else ())
        if operation == "listNamespaces" and space:
            traits |= {"parent"}
        return Step(operation=operation, space=space, query=query, traits=traits)

    return step


def create_table(draw: DrawFn) -> Step:
    space, name = a_space(draw), a_name(draw, TABLES)
    body, traits = create_table_body(draw, name)
    touches = (Touch("loadTable", space, name), Touch("listTables", space))
    return Step(operation="createTable", space=space, body=body, traits=traits, touches=touches)


def many_tables(draw: DrawFn) -> Step:
    """Create more tables than one page of a listing holds."""
    space = a_space(draw)
    body, traits = create_table_body(draw, "many", plain=True)
    times = draw(st.sampled_from((3, BULK)))
    return Step(
        operation="createTable",
        space=space,
        name="many",
        body=body,
        times=times,
        traits=traits | {f"{times} names"},
        touches=(Touch("listTables", space),),
    )


def a_change(draw: DrawFn) -> tuple[Place, dict[str, Any], frozenset[str]]:
    """A table, the requirements and updates of one change to it, and the traits of the change."""
    place = Place(a_space(draw), a_name(draw, TABLES))
    required = [table_requirement(draw, place) for _ in range(draw(HOW_MANY))]
    changes = [table_updates(draw, place) for _ in range(draw(st.integers(0, 3)))]
    body = {
        "requirements": [requirement for requirement, _ in required],
        "updates": [update for updates, _ in changes for update in updates],
    }
    traits = frozenset((*(trait for _, trait in required), *(trait for _, trait in changes)))
    return place, body, traits


def update_table(draw: DrawFn) -> Step:
    """A commit to one table, with or without the identifier in its body."""
    place, body, traits = a_change(draw)
    if draw(st.booleans()):
        body["identifier"] = {"namespace": Space(place.space), "name": place.name}
    touches: tuple[Touch, ...] = (Touch("loadTable", *place),)
    if "assert-create" in traits:
        touches += (Touch("listTables", place.space),)
    return Step(
        operation="updateTable",
        space=place.space,
        name=place.name,
        body=body,
        traits=traits,
        touches=touches,
    )


def commit_transaction(draw: DrawFn) -> Step:
    """One to three changes, of one table or several."""
    changes, touches = [], []
    traits: set[str] = set()
    for _ in range(draw(st.integers(1, 3))):
        place, body, special = a_change(draw)
        body["identifier"] = {"namespace": Space(place.space), "name": place.name}
        changes.append(body)
        traits |= special
        touches.append(Touch("loadTable", *place))
    if len(changes) > 1:
        traits.add("several tables")
    return Step(
        operation="commitTransaction",
        body={"table-changes": changes},
        traits=frozenset(traits),
        touches=tuple(dict.fromkeys(touches)),
    )


def rename(what: str) -> Callable[[DrawFn], Step]:
    """what: Table or View."""
    known, loads, lists = (
        (TABLES, "loadTable", "listTables") if what == "Table" else (VIEWS, "loadView", "listViews")
    )

    def step(draw: DrawFn) -> Step:
        # two names, mostly in one namespace, so that the destination often exists
        names = tuple(dict.fromkeys(known))[:2]
        old = Place(a_space(draw), a_name(draw, names))
        space = a_space(draw) if often(draw, 3) else old.space
        new = Place(space, a_name(draw, names[::-1]))
        body = {
            "source": {"namespace": Space(old.space), "name": old.name},
            "destination": {"namespace": Space(new.space), "name": new.name},
        }
        touches = (
            Touch(loads, *old),
            Touch(loads, *new),
            Touch(lists, old.space),
            Touch(lists, new.space),
        )
        traits = frozenset({"onto itself"} if old == new else ())
        return Step(
            operation=f"rename{what}",
            body=body,
            traits=traits,
            touches=tuple(dict.fromkeys(touches)),
        )

    return step


def register_table(draw: DrawFn) -> Step:
    """Register a table with the metadata of a table that exists or existed, or of none."""
    space, name = a_space(draw), a_name(draw, TABLES)
    source = Place(a_space(draw), a_name(draw, TABLES))
    body: dict[str, Any] = {"name": name, "metadata-location": Known("metadata-location", source)}
    traits = frozenset({"overwrite"} if often(draw, 4) else ())
    if traits:
        body["overwrite"] = True
    touches = (Touch("loadTable", space, name), Touch("listTables", space))
    return Step(operation="registerTable", space=space, body=body, traits=traits, touches=touches)


def create_view(draw: DrawFn) -> Step:
    space, name = a_space(draw), a_name(draw, VIEWS)
    body, traits = create_view_body(draw, name, Space(space))
    touches = (Touch("loadView", space, name), Touch("listViews", space))
    return Step(operation="createView", space=space, body=body, traits=traits, touches=touches)


def replace_view(draw: DrawFn) -> Step:
    """A commit to a view."""
    place = Place(a_space(draw), a_name(draw, VIEWS))
    required = [view_requirement(draw, place) for _ in range(draw(st.integers(0, 1)))]
    changes = [view_updates(draw, Space(place.space)) for _ in range(draw(st.integers(0, 2)))]
    body = {
        "identifier": {"namespace": Space(place.space), "name": place.name},
        "requirements": [requirement for requirement, _ in required],
        "updates": [update for updates, _ in changes for update in updates],
    }
    traits = frozenset((*(trait for _, trait in required), *(trait for _, trait in changes)))
    return Step(
        operation="replaceView",
        space=place.space,
        name=place.name,
        body=body,
        traits=traits,
        touches=(Touch("loadView", *place),),
    )


_DRAWN: tuple[tuple[str, int, Callable[[DrawFn], Step]], ...] = (
    ("createNamespace", 6, create_namespace),
    ("createTable", 10, create_table),
    ("updateTable", 24, update_table),
    ("listTables", 4, listing("listTables")),
    ("listNamespaces", 4, listing("listNamespaces")),
    ("loadTable", 3, of_one_table("loadTable")),
    ("tableExists", 1, of_one_table("tableExists")),
    ("loadNamespaceMetadata", 1, of_one_namespace("loadNamespaceMetadata")),
    ("namespaceExists", 1, of_one_namespace("namespaceExists")),
    ("updateProperties", 5, update_properties),
    ("dropTable", 3, of_one_table("dropTable", "listTables", "loadTable")),
    ("renameTable", 7, rename("Table")),
    ("registerTable", 4, register_table),
    ("unregisterTable", 2, of_one_table("unregisterTable", "listTables", "loadTable")),
    ("commitTransaction", 6, commit_transaction),
    ("createView", 6, create_view),
    ("replaceView", 8, replace_view),
    ("loadView", 1, of_one_table("loadView")),
    ("viewExists", 1, of_one_table("viewExists")),
    ("listViews", 3, listing("listViews")),
    ("renameView", 4, rename("View")),
    ("dropView", 2, of_one_table("dropView", "listViews", "loadView")),
    ("dropNamespace", 3, drop_namespace),
    ("createTable", 1, many_tables),
)
"""(operation, weight, how to draw a step of it), the simplest first."""


def _opening(operations: frozenset[str]) -> tuple[Sequence, ...]:
    """Steps that a sequence may begin with, so that most sequences have entities to work on."""
    space = Step(
        operation="createNamespace",
        space=("a",),
        body={"namespace": Space(("a",))},
        touches=_of_space(("a",)),
    )
    body, _ = create_table_body(None, "t", plain=True)
    table = Step(
        operation="createTable", space=("a",), body=body, touches=(Touch("loadTable", ("a",), "t"),)
    )
    openings: list[Sequence] = [(), (space,)]
    if "createTable" in operations:
        other, _ = create_table_body(None, "u", plain=True)
        second = replace(table, body=other, touches=(Touch("loadTable", ("a",), "u"),))
        openings += [(space, table)] * 4 + [(space, table, second)] * 4
    if "createView" in operations:
        view_body, _ = create_view_body(None, "w", Space(("a",)))
        view = Step(
            operation="createView",
            space=("a",),
            body=view_body,
            touches=(Touch("loadView", ("a",), "w"),),
        )
        openings += [(space, view), (space, table, view)]
    return tuple(openings)


def sequences(operations: frozenset[str]) -> SearchStrategy[Sequence]:
    """Sequences of the operations that both catalogs have."""
    drawn = [draw for name, weight, draw in _DRAWN if name in operations for _ in range(weight)]

    @st.composite
    def step(draw: DrawFn) -> Step:
        found = draw(st.sampled_from(drawn))(draw)
        if found.body is not None and found.times == 1 and often(draw, WRONG_ONE_IN):
            body, trait = spoiled(draw, found.body)
            found = replace(found, body=body, traits=found.traits | {trait})
        return _with_odd_names(found)

    # two lists: a single list has five steps on average, whatever its maximum
    steps = st.lists(step(), max_size=STEPS_MAX)
    return st.tuples(st.sampled_from(_opening(operations)), steps, steps).map(
        lambda parts: (*parts[0], *parts[1], *parts[2])
    )


def _with_odd_names(step: Step) -> Step:
    """Add the traits of the step's names and namespaces."""
    used = {level for touch in step.touches for level in (*touch.space, touch.name)}
    used |= {*step.space, step.name}
    plain = {level for space in SPACES for level in space} | {*TABLES, *VIEWS, "", "many"}
    odd = {f"name {name!r}" if name in ODD else "an odd name" for name in used - plain}
    if any(len(levels) > 1 for levels in (step.space, *(touch.space for touch in step.touches))):
        odd.add("a child namespace")
    return replace(step, traits=step.traits | odd)
