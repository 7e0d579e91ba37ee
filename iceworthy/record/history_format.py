"""The layout of the history's files and their version: the only definition of both.

A .ops file begins with one line of text, which names the format, its version and its columns:
    iceworthy-history 2 intended_ns:q,sent_ns:q,…,outcome:B
After it come records of RECORD.size bytes, little endian. The first line of a .strings.jsonl and of
a .seen.jsonl names the same version: {"format": "iceworthy-history", "version": 2}.

Claim: a reader of this module knows every version in VERSIONS, and raises UnknownFormat for any
other. Example: a file whose records have one column more has another first line; it is refused, and
not read as no records at all. Files of version 1 have no first line and other names of operations
("commit_table" for updateTable); their readers give them the names of today.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iceworthy.words.errors import UnknownFormat

FORMAT = "iceworthy-history"
VERSION = 2

# name, struct code: the layout of a record; analysis derives its dtype from it.
FIELDS: tuple[tuple[str, str], ...] = (
    ("intended_ns", "q"),  # when it should start, by the schedule
    ("sent_ns", "q"),  # invoke: just before the first byte left (0: nothing was ever sent)
    ("flushed_ns", "q"),  # when the last byte of the request was handed to the kernel (0: never)
    ("completed_ns", "q"),  # when the whole answer, or the error, was there
    # value, by operation:
    #   updateTable, commitTransaction that append: the snapshot id that is added to this record's
    #     table, such as 4611686018427387905;
    #   updateTable of properties, updateProperties: the random number that makes the written value
    #     unique, which is also in the value's text: 77 for {"k": "<77>"};
    #   loadTable: the snapshot id at the head of main, -1 (observe.NO_SNAPSHOT) for an empty table;
    #   other mutations: 0; other reads and answers without a table: -1.
    ("value", "q"),
    # parent, by operation:
    #   updateTable, commitTransaction that append: the snapshot id that is asserted as the head of
    #     main, NULL_PARENT where none is to be there, NO_ASSERTION where nothing is asserted;
    #   loadTable: how many snapshots lie on main, from the root to the head: 3 for a <- b <- c;
    #   all else: NO_ASSERTION.
    ("parent", "q"),
    ("sequence", "q"),  # last-sequence-number in the answer; -1 unknown
    ("chain", "Q"),  # chain_hash of the snapshot ids root..head in the answer; 0 not computed
    ("uuid", "Q"),  # uuid_hash of the table's uuid; 0 unknown
    ("metadata", "Q"),  # text_hash of metadata-location; 0 unknown
    ("session", "I"),
    ("key", "I"),  # string id: "namespace" or "namespace␟table", see key_of
    ("error", "I"),  # string id: error type of the answer, or the transport's word; 0 none
    ("size", "I"),  # bytes of the whole response
    ("operation", "H"),  # string id: an operationId, see iceworthy.words.operation
    ("status", "H"),  # HTTP status, 0 none
    ("flags", "H"),  # FLAG_*
    ("node", "B"),
    ("outcome", "B"),
)

# As version 1 had them, under today's names: it called operation "kind" and size "bytes".
_FIELDS_1 = (
    *((name, "q") for name in ("intended_ns", "sent_ns", "flushed_ns", "completed_ns")),
    *((name, "q") for name in ("value", "parent", "sequence")),
    *((name, "Q") for name in ("chain", "uuid", "metadata")),
    *((name, "I") for name in ("session", "key", "error", "size")),
    *((name, "H") for name in ("operation", "status", "flags")),
    *((name, "B") for name in ("node", "outcome")),
)
_NAMES_1 = {
    "config": "getConfig",
    "list_namespaces": "listNamespaces",
    "create_namespace": "createNamespace",
    "load_namespace": "loadNamespaceMetadata",
    "namespace_exists": "namespaceExists",
    "drop_namespace": "dropNamespace",
    "update_namespace_properties": "updateProperties",
    "list_tables": "listTables",
    "create_table": "createTable",
    "load_table": "loadTable",
    "table_exists": "tableExists",
    "drop_table": "dropTable",
    "rename_table": "renameTable",
    "commit_table": "updateTable",
}


def struct_of(fields: tuple[tuple[str, str], ...]) -> struct.Struct:
    """The packed, little-endian struct of a record with these fields."""
    return struct.Struct("<" + "".join(code for _, code in fields))


RECORD = struct_of(FIELDS)


def _columns(fields: tuple[tuple[str, str], ...]) -> str:
    return ",".join(f"{name}:{code}" for name, code in fields)


OPS_HEADER = f"{FORMAT} {VERSION} {_columns(FIELDS)}\n".encode()
LINES_HEADER = json.dumps({"format": FORMAT, "version": VERSION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one .ops file is to be read. start: offset of its first record, in bytes.

    names: the operationId of each operation that the file names otherwise.
    """

    version: int = VERSION
    fields: tuple[tuple[str, str], ...] = FIELDS
    start: int = len(OPS_HEADER)
    names: Mapping[str, str] = field(default_factory=dict)


VERSIONS = {
    1: Layout(version=1, fields=_FIELDS_1, start=0, names=_NAMES_1),
    2: Layout(),
}


def layout_of(path: Path) -> Layout:
    """The layout of a .ops file; UnknownFormat when its version or its columns are unknown.

    A first line that a killed writer did not finish is left out with all that the file holds.
    """
    with open(path, "rb") as file:
        line = file.readline(4 * len(OPS_HEADER))
    if OPS_HEADER.startswith(line):
        return Layout(start=len(line))
    words = line.decode("ascii", "replace").split()
    if not words or words[0] != FORMAT:
        return VERSIONS[1]
    known = VERSIONS.get(int(words[1])) if len(words) == 3 and words[1].isdigit() else None
    if known is None or known.version == 1:
        raise _unknown(path, " ".join(words[1:]))
    if words[2] != _columns(known.fields):
        raise UnknownFormat(
            str(path), expected=f"{known.version} {_columns(known.fields)}", got=" ".join(words[1:])
        )
    return known


def is_header(line: Any, path: Path) -> bool:
    """Whether a parsed line of a .jsonl file of the history is the one that names its version;
    UnknownFormat when it names a version that this reader does not know.
    """
    if not isinstance(line, dict) or line.get("format") != FORMAT:
        return False
    if line.get("version") not in VERSIONS:
        raise _unknown(path, line.get("version"))
    return True


def _unknown(path: Path, version: Any) -> UnknownFormat:
    return UnknownFormat(str(path), expected=" or ".join(map(str, VERSIONS)), got=version)
