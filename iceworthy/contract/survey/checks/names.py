"""Odd but legal names: what is created under one can be found, listed and dropped under it."""

from __future__ import annotations

from collections.abc import Iterator

from iceworthy.client.wire import Call
from iceworthy.contract.survey.desk import Finding, SurveyDesk, said
from iceworthy.record.history import key_of

REQUIREMENTS = ("FR-001",)

ODD = {
    "a space": "a b",
    "a percent sign": "a%20b",
    "a slash": "a/b",
    "a plus": "a+b",
    "a question mark and a hash": "a?b#c",
    "quotes": "a'b\"c",
    "letters beyond ASCII": "d\u00fcne\u96ea",
    "upper case": "MixedCase",
}


def check(desk: SurveyDesk) -> Iterator[Finding]:
    space = desk.fresh("odd")
    for what, name in ODD.items():
        yield _table(desk, space, what, f"t{name}")
    for what, name in ODD.items():
        yield _namespace(desk, what, name)


def _would_stay(desk: SurveyDesk, what: str, load: Call) -> Finding | None:
    """A target that goes on living is left as it was: where it cannot even be asked for a name,
    nothing is created under it, since nobody could drop it again."""
    if not desk.live.spec.lives_on:
        return None
    asked = desk.ask(load)
    if asked.status == 404:
        return None
    return desk.finding(
        "FR-001",
        f"{what} in its name",
        wanted="to ask for one that is not there: status 404",
        came=f"{said(asked)}; none was created, as it could not be dropped again",
        works=None,
        call=asked.call,
    )


def _table(desk: SurveyDesk, space: tuple[str, ...], what: str, name: str) -> Finding:
    wire = desk.wire
    if stays := _would_stay(desk, f"a table with {what}", wire.load_table(space, name)):
        return stays
    created = desk.ask(wire.create_table(space, name))
    if created.status != 200:
        # The specification allows a catalog to refuse a name, with 400, and nothing else.
        return desk.status("FR-001", f"a table with {what} in its name", created, 200, 400)
    loaded = desk.ask(wire.load_table(space, name))
    exists = desk.ask(wire.table_exists(space, name))
    listed = key_of(space, name) in desk.tables(space).names
    dropped = desk.ask(wire.drop_table(space, name))
    # Whether HEAD says 200 or 204 is a matter of the check `tables`; here, whether it is found.
    good = loaded.ok and exists.ok and listed and dropped.ok
    return desk.finding(
        "FR-001",
        f"a table with {what} in its name",
        wanted="created, loaded, found by HEAD, listed, dropped (or refused: 400)",
        came=f"created 200, loaded {said(loaded)}, HEAD {exists.status}, "
        f"{'' if listed else 'not '}listed, dropped {dropped.status}",
        works=good,
        call=loaded.call,
    )


def _namespace(desk: SurveyDesk, what: str, odd: str) -> Finding:
    wire, plain = desk.wire, desk.name("odd")
    name = (*plain[:-1], f"{plain[-1]}{odd}")
    if stays := _would_stay(desk, f"a namespace with {what}", wire.load_namespace(name)):
        return stays
    created = desk.ask(wire.create_namespace(name))
    if created.status != 200:
        return desk.status("FR-001", f"a namespace with {what} in its name", created, 200, 400)
    loaded = desk.ask(wire.load_namespace(name))
    listed = key_of(name) in desk.namespaces(desk.root).names
    dropped = desk.ask(wire.drop_namespace(name))
    good = loaded.ok and listed and dropped.ok
    return desk.finding(
        "FR-001",
        f"a namespace with {what} in its name",
        wanted="created, loaded, listed, dropped (or refused: 400)",
        came=f"created 200, loaded {said(loaded)}, {'' if listed else 'not '}listed, "
        f"dropped {dropped.status}",
        works=good,
        call=loaded.call,
    )
