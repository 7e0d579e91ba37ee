"""A manifest is as the format says, so that every reader of tables can read it."""

from __future__ import annotations

import json
import re

from iceworthy.contract.manifests import FileMade, Manifests

SCHEMA = {
    "type": "struct",
    "schema-id": 0,
    "fields": [{"id": 1, "name": "id", "required": False, "type": "long"}],
}


def entry_fields(manifest: bytes) -> dict[str, object]:
    """The fields of data_file in the schema that stands in an Avro file's head, by name."""
    found = re.search(
        rb'\{"type":\s*"record",\s*"fields":.*?"name":\s*"manifest_entry"\}', manifest
    )
    assert found
    schema = json.loads(found[0])
    data_file = next(one for one in schema["fields"] if one["name"] == "data_file")
    return {one["name"]: one["type"] for one in data_file["type"]["fields"]}


def test_equality_ids_are_a_list_of_int() -> None:
    """A Java server reads them as Integer: with long it cannot plan a scan of the table."""
    made = Manifests(SCHEMA, {"spec-id": 0}, "file:///w/t/metadata")
    deletes = FileMade(path="file:///w/t/data/e.parquet", kind="equality", equality_ids=(1,))
    made.snapshot(7, 1, [deletes])
    (manifest,) = [data for name, data in made.files.items() if "snap-" not in name]
    kind = entry_fields(manifest)["equality_ids"]
    assert isinstance(kind, list)
    assert {"type": "array", "items": "int", "element-id": 136} in kind
