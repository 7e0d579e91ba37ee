"""Namespaces have levels: children are listed under their parent, and names do not run together."""

from __future__ import annotations

from collections.abc import Iterator

from iceworthy.client.wire import Namespace, Wire
from iceworthy.contract.survey.desk import Finding, SurveyDesk, other_name, said
from iceworthy.record.history import UNIT, key_of

REQUIREMENTS = ("FR-003",)


def check(desk: SurveyDesk) -> Iterator[Finding]:
    wire, parent = desk.wire, desk.fresh("parent")
    child: Namespace = (*parent, "child")
    grandchild: Namespace = (*child, "grandchild")
    for what, name in (("second", child), ("third", grandchild)):
        created = desk.ask(wire.create_namespace(name))
        yield desk.status("FR-003", f"create a namespace of a {what} level", created, 200)
        if not created.ok:
            return
        loaded = desk.ask(wire.load_namespace(name))
        problems = desk.problems(loaded) + other_name(name, loaded)
        yield desk.finding(
            "FR-003",
            f"load a namespace of a {what} level",
            wanted=f"status 200, {list(name)}",
            came=f"{said(loaded)}; {'; '.join(problems) or 'so it is'}",
            works=loaded.status == 200 and not problems,
            call=loaded.call,
        )
    yield _listed(desk, "under the parent only its own children are listed", parent, {child})
    yield _listed(desk, "under the child only its own children are listed", child, {grandchild})
    yield from _top_level(desk, parent, child)
    unknown = desk.ask(wire.list_namespaces(desk.name("unknown")))
    yield desk.status("FR-003", "list under a parent that is not there", unknown, 404)
    yield from _tables_of_levels(desk, parent, child)
    yield from _same_name(desk, parent)
    yield from _dots(desk)
    if wire.separator != UNIT:
        yield from _old_separator(desk, child)
    yield from _drop_parent(desk, parent, child)


def _listed(desk: SurveyDesk, what: str, parent: Namespace, wanted: set[Namespace]) -> Finding:
    listing = desk.namespaces(parent)
    keys = {key_of(name) for name in wanted}
    works = listing.complete and len(listing.names) == len(keys) and set(listing.names) == keys
    return desk.finding(
        "FR-003",
        what,
        wanted=str(_shown(keys)),
        works=works,
        came=f"{_shown(listing.names)} {listing.stopped}".rstrip(),
        call=desk.wire.list_namespaces(parent),
    )


def _top_level(desk: SurveyDesk, parent: Namespace, child: Namespace) -> Iterator[Finding]:
    listing = desk.namespaces(desk.root)
    has, deep = key_of(parent) in listing.names, key_of(child) in listing.names
    # A child given by its last level alone, or joined by a dot, is no top-level namespace either.
    wrong = {child[-1], ".".join(child)} & set(listing.names)
    yield desk.finding(
        "FR-003",
        "the listing above has the parent and not its child",
        wanted="the parent alone",
        came=f"the parent is {'' if has else 'not '}listed, the child "
        f"{f'is listed as {sorted(wrong)}' if wrong else 'is listed' if deep else 'is not'}",
        works=has and not deep and not wrong and listing.complete,
        call=desk.wire.list_namespaces(desk.root),
    )


def _tables_of_levels(desk: SurveyDesk, parent: Namespace, child: Namespace) -> Iterator[Finding]:
    wire = desk.wire
    created = desk.ask(wire.create_table(child, "t"))
    loaded = desk.ask(wire.load_table(child, "t"))
    inside, above = desk.tables(child).names, desk.tables(parent).names
    yield desk.finding(
        "FR-003",
        "a table of a child namespace is there and nowhere else",
        wanted=f"created 200, loaded 200, listed {_shown([key_of(child, 't')])}, none above",
        came=f"created {said(created)}, loaded {said(loaded)}, "
        f"listed {_shown(inside)}, above {_shown(above)}",
        works=created.status == loaded.status == 200
        and inside == (key_of(child, "t"),)
        and not above,
        call=created.call,
    )


def _same_name(desk: SurveyDesk, parent: Namespace) -> Iterator[Finding]:
    wire, other = desk.wire, desk.fresh("parent")
    twin: Namespace = (*other, "child")
    created = desk.ask(wire.create_namespace(twin, {"whose": "other"}))
    first = desk.ask(wire.load_namespace((*parent, "child")))
    second = desk.ask(wire.load_namespace(twin))
    tables = desk.tables(twin).names if second.ok else ()
    yield desk.finding(
        "FR-003",
        "children of one name under two parents are two namespaces",
        wanted="status 200, both load, the table of the one is not in the other",
        came=f"{said(created)}; they load with {first.status} and {second.status}; "
        f"tables in the new one {_shown(tables)}",
        works=created.status == first.status == second.status == 200 and not tables,
        call=created.call,
    )


def _dots(desk: SurveyDesk) -> Iterator[Finding]:
    """["a.b"] is one level; a catalog may refuse it with 400, but not mistake it for ["a", "b"]."""
    wire, outer = desk.wire, desk.fresh("dot")
    inner: Namespace = (*outer, "b")
    dotted: Namespace = (*outer[:-1], f"{outer[-1]}.b")
    created = desk.ask(wire.create_namespace(dotted))
    early = desk.ask(wire.load_namespace(inner))
    nested = desk.ask(wire.create_namespace(inner))
    after = desk.ask(wire.load_namespace(dotted))
    told = early.status == 404 and nested.status == 200
    refused = created.status == 400 and after.status in (400, 404)
    yield desk.finding(
        "FR-003",
        "a level with a dot in its name is not two levels",
        wanted="[a.b] created, [a, b] not there by that, then created too (or [a.b] refused: 400)",
        came=f"[a.b] {said(created)}; then [a, b] loads with {early.status}, "
        f"creates with {nested.status}; [a.b] loads with {after.status}",
        works=told and (refused or (created.status == 200 and after.status == 200)),
        call=created.call,
    )


def _old_separator(desk: SurveyDesk, child: Namespace) -> Iterator[Finding]:
    """ "servers must use both the advertised separator and 0x1F as valid separators"."""
    old = Wire(base=desk.wire.base, prefix=desk.wire.prefix, separator=UNIT)
    loaded = desk.ask(old.load_namespace(child))
    yield desk.status("FR-003", "0x1F separates levels beside the advertised one", loaded, 200)


def _drop_parent(desk: SurveyDesk, parent: Namespace, child: Namespace) -> Iterator[Finding]:
    wire = desk.wire
    dropped = desk.ask(wire.drop_namespace(parent))
    above, below = desk.ask(wire.load_namespace(parent)), desk.ask(wire.load_namespace(child))
    kept = dropped.status == 409 and above.status == below.status == 200
    yield desk.finding(
        "FR-003",
        "drop a namespace that has children and a table below",
        wanted="status 409, all of them stay",
        came=f"{said(dropped)}; then the parent {above.status}, the child {below.status}",
        works=kept,
        call=dropped.call,
    )


def _shown(keys: object) -> list[str]:
    assert isinstance(keys, (set, tuple, list))
    return sorted(str(key).replace(UNIT, " > ") for key in keys)[:8]
