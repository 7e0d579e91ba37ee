"""Manifests and manifest lists, as bytes, of snapshots that no engine has written.

Claim: every reader of tables can read them: PyIceberg's writers make them, without pyarrow. The
data files need not exist, because planning reads manifests only. PyIceberg cannot write delete
manifests and version 3 (deletion vectors), and declares equality_ids a list of long where the
format says int; this module adds both and corrects that.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pyiceberg.avro.file import AvroOutputFile
from pyiceberg.io import InputFile, OutputFile
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record, TableVersion
from pyiceberg.types import IcebergType, IntegerType, ListType, NestedField, StructType

PATH_FIELD = 2147483546
_CONTENT = {
    "data": DataFileContent.DATA,
    "positions": DataFileContent.POSITION_DELETES,
    "vector": DataFileContent.POSITION_DELETES,
    "equality": DataFileContent.EQUALITY_DELETES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMade:
    """A file that a manifest names. lower, upper: bounds in the format's binary form, by field id.
    target: the data file that a deletion vector applies to."""

    path: str
    kind: Literal["data", "positions", "equality", "vector"] = "data"
    partition: tuple[Any, ...] = ()
    records: int = 10
    size: int = 1000
    lower: Mapping[int, bytes] = field(default_factory=dict)
    upper: Mapping[int, bytes] = field(default_factory=dict)
    nulls: Mapping[int, int] = field(default_factory=dict)
    equality_ids: tuple[int, ...] = ()
    target: str | None = None


class _Kept(io.BytesIO):
    """A buffer whose bytes remain available after its writer closed it."""

    def close(self) -> None:
        pass


class _Memory(OutputFile):
    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.kept = _Kept()

    def __len__(self) -> int:
        return len(self.kept.getvalue())

    def exists(self) -> bool:
        return False

    def create(self, overwrite: bool = False) -> Any:
        return self.kept

    def to_input_file(self) -> InputFile:
        raise NotImplementedError


class _Writer(ManifestWriterV2):
    """Writes a manifest of data or deletes, of version 2 or 3."""

    def __init__(self, *settings: Any, deletes: bool, vectors: bool) -> None:
        super().__init__(*settings)
        self._deletes, self._vectors = deletes, vectors

    def content(self) -> ManifestContent:
        return ManifestContent.DELETES if self._deletes else ManifestContent.DATA

    @property
    def version(self) -> TableVersion:
        return 3 if self._vectors else 2

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes" if self._deletes else "data"}

    def new_writer(self) -> AvroOutputFile[ManifestEntry]:
        schema = _ids_of_int(self._with_partition(self.version))
        return AvroOutputFile[ManifestEntry](
            output_file=self._output_file,
            file_schema=schema,
            record_schema=schema,
            schema_name="manifest_entry",
            metadata=self._meta,
        )


def _ids_of_int(entries: Schema) -> Schema:
    """The schema of manifest entries with equality_ids as the format has them: a list of int."""

    def field(one: NestedField) -> NestedField:
        if isinstance(one.field_type, StructType):
            kind: IcebergType = StructType(*map(field, one.field_type.fields))
        elif one.name == "equality_ids" and isinstance(one.field_type, ListType):
            kind = ListType(element_id=136, element_type=IntegerType(), element_required=True)
        else:
            return one
        return one.model_copy(update={"field_type": kind})

    return Schema(*map(field, entries.fields))


class Manifests:
    """The snapshots of one table in order; each contains the manifests of those before it.

    schema, spec: as in the table's metadata. folder: the location below which files are named.
    """

    def __init__(self, schema: Mapping[str, Any], spec: Mapping[str, Any], folder: str) -> None:
        self._schema = Schema.model_validate(dict(schema))
        self._spec = PartitionSpec.model_validate({"fields": [], **spec})
        self._folder = folder.rstrip("/")
        self._live: list[ManifestFile] = []
        self._parent: int | None = None
        self.files: dict[str, bytes] = {}

    def snapshot(self, snapshot_id: int, sequence: int, added: Sequence[FileMade]) -> str:
        """Add files in a new snapshot; returns the location of its manifest list. After that,
        self.files has the files to write before the snapshot is committed, by location."""
        made = [
            self._manifest(snapshot_id, list(files), deletes=deletes)
            for deletes, files in _grouped(added)
        ]
        location = f"{self._folder}/snap-{snapshot_id}.avro"
        output = _Memory(location)
        with write_manifest_list(2, output, snapshot_id, self._parent, sequence, "null") as listed:
            self._live = [listed.prepare_manifest(one) for one in (*made, *self._live)]
            listed.add_manifests(self._live)
        self.files[location] = output.kept.getvalue()
        self._parent = snapshot_id
        return location

    def _manifest(self, snapshot_id: int, files: list[FileMade], *, deletes: bool) -> ManifestFile:
        vectors = any(one.kind == "vector" for one in files)
        output = _Memory(f"{self._folder}/{snapshot_id}-m{len(self.files)}.avro")
        settings = self._spec, self._schema, output, snapshot_id, "null"
        with _Writer(*settings, deletes=deletes, vectors=vectors) as writer:
            for one in files:
                writer.add_entry(self._entry(one, snapshot_id, writer.version))
        self.files[output.location] = output.kept.getvalue()
        return writer.to_manifest_file()

    def _entry(self, one: FileMade, snapshot_id: int, version: TableVersion) -> ManifestEntry:
        facts: dict[str, Any] = {
            "content": _CONTENT[one.kind],
            "file_path": one.path,
            "file_format": FileFormat.PUFFIN if one.kind == "vector" else FileFormat.PARQUET,
            "partition": Record(*one.partition),
            "record_count": one.records,
            "file_size_in_bytes": one.size,
            "value_counts": dict.fromkeys(one.lower, one.records) or None,
            "null_value_counts": dict(one.nulls) or None,
            "lower_bounds": dict(one.lower) or None,
            "upper_bounds": dict(one.upper) or None,
            "equality_ids": list(one.equality_ids) or None,
        }
        if version == 3:
            facts |= {
                "referenced_data_file": one.target,
                "content_offset": 4,
                "content_size_in_bytes": 40,
            }
        return ManifestEntry.from_args(
            _table_format_version=version,
            status=ManifestEntryStatus.ADDED,
            snapshot_id=snapshot_id,
            sequence_number=None,
            file_sequence_number=None,
            data_file=DataFile.from_args(_table_format_version=version, **facts),
        )


def _grouped(files: Sequence[FileMade]) -> Iterator[tuple[bool, list[FileMade]]]:
    """Groups that become one manifest each: data files, position and equality deletes, vectors."""
    for deletes, kinds in (
        (False, ("data",)),
        (True, ("positions", "equality")),
        (True, ("vector",)),
    ):
        found = [one for one in files if one.kind in kinds]
        if found:
            yield deletes, found
