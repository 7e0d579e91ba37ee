"""known.json: what the experiments of a review have learned about the target so far.

Claim: `read_known` returns what `write_known` wrote; a review in which nothing was learned has no
file, and its Known is the default one. Example: the survey finds that ids of 62 bits are rounded
and ids of 53 bits are kept; all later experiments of the review then draw ids of 53 bits.
Method: one file in the folder of the review, written by the experiment that learns, read at the
start of every later experiment. plan.json holds the Known that its experiment ended with.
What this does NOT show: that the target behaves so under load.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from iceworthy.record.typed_json import from_object, to_object
from iceworthy.words.errors import RecordError, UnknownFormat

KNOWN_FORMAT = 1
KNOWN_FILE = "known.json"
WIDEST_ID_BITS = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Facts about the target that were asked once; null: not asked, or nobody could tell."""

    id_bits: int = WIDEST_ID_BITS
    """Bits of the snapshot ids; fewer than 62 where the target did not keep wider ones exactly."""
    endpoints: tuple[str, ...] | None = None
    """The endpoints that /v1/config lists, or that the specification assigns to a server that lists
    none; null: it was not asked."""
    pages: bool | None = None
    """Whether a listing with a page size below its length was answered in pages."""
    delegation: tuple[str, ...] | None = None
    """How a loaded table gave access to its storage when it was asked to: vended-credentials,
    remote-signing; empty: not at all."""
    newest_only: bool | None = None
    """Whether a table shows its newest snapshot alone, without a parent: the catalog keeps no
    earlier ones. Chains are then made of what the commits asserted."""


def read_known(review: Path) -> Known:
    """The Known of a review's folder; the default one where nothing was learned.

    Raises RecordError when the file is damaged, and UnknownFormat, a RecordError, when a version of
    Iceworthy wrote it that this one cannot read.
    """
    path = review / KNOWN_FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Known()
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{path}: expected what is known about the target; it cannot be read ({error}); "
            "run the review again"
        ) from error
    if not isinstance(facts, Mapping):
        raise RecordError(f"{path}: expected an object; got {type(facts).__name__}")
    if facts.get("format") != KNOWN_FORMAT:
        raise UnknownFormat(str(path), expected=KNOWN_FORMAT, got=facts.get("format"))
    return from_object(Known, facts, where=str(path))


def write_known(review: Path, known: Known) -> None:
    """Write known.json, whole or not at all; OSError where the disk refuses."""
    partial = review / f".{KNOWN_FILE}.partial"
    text = json.dumps({"format": KNOWN_FORMAT, **to_object(known)}, indent=1)
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(review / KNOWN_FILE)
