"""A complete listing holds each name that existed throughout it, once, and no name that did not.

Claim: for each listing whose every page was answered: no name occurs twice. A table or namespace is
in it if it existed before the first page was asked for and nothing can have removed it before the
last page was answered. A name is not in it if it did not exist before and nothing can have created
it meanwhile.
Method: each listing is compared with the evidence about the names directly below the listed
namespace. A change that overlaps the listing, or may still be applied, excuses either answer. If a
long run has more than PAIRS_MOST pairs of listing and name, listings evenly spread over the run are
judged, and their number is reported.
Minimal evidence: one complete listing with a name that it had to hold.
What it does NOT show: listings that were recorded by size only (docs/formats.md says which are
recorded in full); order; whether names that this history did not create are right.
"""

from __future__ import annotations

import numpy as np

from analysis.checkers._anomalies import Anomalies, conclude, counted
from analysis.checkers._columns import Ints, ints
from analysis.checkers._contradictions import Names, Spans, names_of
from analysis.checkers._facts import Listing
from analysis.checkers._model import Model, model_of
from analysis.history import History
from iceworthy.record.history import UNIT
from iceworthy.words.finding import Harm
from iceworthy.words.verdict import Verdict

NAME = "listings"
HARM = Harm.CLIENTS
PAIRS_MOST = 3_000_000


def check(history: History) -> Verdict:
    """Judge each complete listing."""
    model = model_of(history)
    names, problems = names_of(model), Anomalies(history)
    below = _names_below(names, model)
    whole = [one for one in model.facts.listings if one.complete]
    pairs = sum(len(below.get(_space(model, one), ())) for one in whole)
    judged = whole[:: max(1, -(-pairs // PAIRS_MOST))]
    for listing in judged:
        for name in listing.repeated:
            problems.add("a listing holds a name twice", listing.row, name=_shown(name))
    due = _missing(problems, names, judged, below)
    _dead(problems, names, judged)
    return conclude(
        NAME,
        problems,
        judged=len(judged),
        good=f"{counted(len(judged), 'complete listing')} hold all {due:,} names that existed, "
        "each once, and no name that did not exist",
        bad=f"some of {counted(len(judged), 'complete listing')} do not hold the names that "
        "existed",
        too_little="" if due else "no complete listing had a name that it had to hold",
        facts={
            "listings": len(judged),
            "not_judged": len(whole) - len(judged),
            "cut_short": len(model.facts.listings) - len(whole),
            "names_due": due,
        },
    )


def _shown(name: str) -> str:
    return name.replace(UNIT, ".")


def _space(model: Model, listing: Listing) -> tuple[bool, str]:
    """(whether it lists tables, the listed namespace)."""
    operation = model.history.strings[int(model.ops["operation"][listing.row])]
    return operation == "listTables", model.history.key(listing.row)


def _names_below(names: Names, model: Model) -> dict[tuple[bool, str], list[int]]:
    """(tables?, namespace) -> key ids directly below it that ever existed."""
    found: dict[tuple[bool, str], list[int]] = {}
    for key in np.unique(names.existence.present.key).tolist():
        text = model.history.strings[key]
        space, slash, _ = text.rpartition("/")
        if not slash:
            space = text.rpartition(UNIT)[0]
        found.setdefault((bool(slash), space), []).append(key)
    return found


def _spans(model: Model, key: Ints, first: Ints, last: Ints) -> Spans:
    ops = model.ops
    return Spans(key, ints(ops["sent_ns"][first]), ints(ops["completed_ns"][last]))


def _missing(
    problems: Anomalies,
    names: Names,
    listings: list[Listing],
    below: dict[tuple[bool, str], list[int]],
) -> int:
    """Report names that are missing from the listings; returns how many names had to be listed."""
    model = names.model
    own = [below.get(_space(model, listing), []) for listing in listings]
    which = np.repeat(np.arange(len(listings)), [len(keys) for keys in own])
    key = ints([key for keys in own for key in keys])
    first = ints([listing.first_row for listing in listings])[which]
    last = ints([listing.row for listing in listings])[which]
    due = names.surely_there(_spans(model, key, first, last))
    for one, at in zip(key[due].tolist(), which[due].tolist(), strict=True):
        listing, name = listings[at], model.history.strings[one]
        if name not in listing.names:
            problems.add(
                "a listing lacks a name that existed throughout it",
                listing.row,
                name=_shown(name),
                listed=len(listing.names),
            )
    return int(due.sum())


def _dead(problems: Anomalies, names: Names, listings: list[Listing]) -> None:
    """Report names that are listed although they did not exist."""
    model = names.model
    listed = [
        (at, one)
        for at, listing in enumerate(listings)
        for name in listing.names
        if (one := model.history.id_of(name)) >= 0
    ]
    which, key = ints([at for at, _ in listed]), ints([one for _, one in listed])
    first = ints([listing.first_row for listing in listings])[which]
    last = ints([listing.row for listing in listings])[which]
    dead = names.surely_gone(_spans(model, key, first, last))
    for one, at in zip(key[dead].tolist(), which[dead].tolist(), strict=True):
        problems.add(
            "a listing holds a name that did not exist during it",
            listings[at].row,
            name=_shown(model.history.strings[one]),
        )
