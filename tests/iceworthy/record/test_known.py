"""What is known about a target is read as it was written; a file that cannot be read is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from iceworthy.record.known import Known, read_known, write_known
from iceworthy.words.errors import RecordError, UnknownFormat

SOME = Known(id_bits=53, endpoints=("GET /v1/config",), pages=False, delegation=())


def test_it_is_read_as_it_was_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_known(tmp_path, SOME)
    assert read_known(tmp_path) == SOME
    assert [path.name for path in tmp_path.iterdir()] == ["known.json"]


def test_where_nothing_was_learned_the_widest_ids_are_tried(tmp_path: Path) -> None:
    assert read_known(tmp_path) == Known()
    assert Known().id_bits == 62


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"format": 2}', UnknownFormat),
        ("{}", UnknownFormat),
        ("[]", RecordError),
        ("{", RecordError),
        ('{"format": 1, "id_bits": "62"}', RecordError),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_name(
    tmp_path: Path, text: str, kind: type[RecordError]
) -> None:
    (tmp_path / "known.json").write_text(text)
    with pytest.raises(kind, match=r"known\.json"):
        read_known(tmp_path)
