"""Listings are whole: all at once when no page is asked for, and page by page when it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from iceworthy.client.pages import Listing
from iceworthy.client.wire import Call
from iceworthy.contract.desk import Needs
from iceworthy.contract.survey.desk import Finding, SurveyDesk, said
from iceworthy.record.history import key_of

REQUIREMENTS = ("FR-001",)

TABLES = 25
NAMESPACES = 105  # past 100, where catalogs have been seen to cut a listing in silence
PAGE = 10


def check(desk: SurveyDesk) -> Iterator[Finding]:
    wire, space = desk.wire, desk.fresh("pages")
    for index in range(TABLES):
        desk.table(space, f"t{index:02d}")
    tables = {key_of(space, f"t{index:02d}") for index in range(TABLES)}
    whole = desk.tables(space)
    yield _judge(
        desk,
        "list tables without a page token",
        whole,
        tables,
        wire.list_tables(space),
        pages_max=1,
    )
    paged = desk.tables(space, page_size=PAGE)
    yield _judge(
        desk,
        f"list tables by pages of {PAGE}",
        paged,
        tables,
        wire.list_tables(space, page_size=PAGE),
    )
    # Below a parent where children are possible: the top level may hold others' namespaces.
    parent = space
    names = [(*parent, f"n{index:03d}") for index in range(NAMESPACES)]
    first = desk.ask(wire.create_namespace(names[0]))
    if not first.ok:
        parent, names = desk.root, [desk.name("page") for _ in range(NAMESPACES)]
        desk.namespace(names[0])
    for name in names[1:]:
        reply = desk.ask(wire.create_namespace(name))
        if not reply.ok:
            raise Needs(f"needs {NAMESPACES} namespaces, refused: {said(reply)}")
    spaces = {key_of(name) for name in names}
    whole = desk.namespaces(parent)
    yield _judge(
        desk,
        "list namespaces without a page token",
        whole,
        spaces,
        wire.list_namespaces(parent),
        pages_max=1,
        others=parent == desk.root,
    )
    paged = desk.namespaces(parent, page_size=PAGE)
    call = wire.list_namespaces(parent, page_size=PAGE)
    yield _judge(
        desk, f"list namespaces by pages of {PAGE}", paged, spaces, call, others=parent == desk.root
    )


def _judge(
    desk: SurveyDesk,
    what: str,
    listing: Listing,
    wanted: set[str],
    call: Call,
    *,
    pages_max: int = 0,
    others: bool = False,
) -> Finding:
    """A server without pages ignores the token and gives everything in one answer: lawful."""
    counts = Counter(listing.names)
    missing = len(wanted - counts.keys())
    twice = sum(count > 1 for count in counts.values())
    strange = 0 if others else len(counts.keys() - wanted)
    problems = []
    if not listing.complete:
        problems.append(listing.stopped)
    if missing or twice or strange:
        problems.append(f"{missing} missing, {twice} twice, {strange} that are not there")
    if pages_max and len(listing.sizes) > pages_max:
        problems.append(f"{len(listing.sizes)} pages, though no page token was sent")
    if not pages_max and len(listing.sizes) > 1 and max(listing.sizes) > PAGE:
        problems.append(f"pages of {list(listing.sizes)}")
    kind = f"all {len(wanted)}, each once" + (", in one answer" if pages_max else "")
    came = "; ".join(problems) or f"so it is, in {len(listing.sizes)} answers"
    return desk.finding("FR-001", what, wanted=kind, came=came, works=not problems, call=call)
