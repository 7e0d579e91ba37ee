"""The Iceberg REST calls as data: method, path and body of each, without sending anything.

Claim: load, audit and stepper all send the same requests.
Method: shapes from the Iceberg REST specification. Names are percent-encoded per path segment. The
levels of a namespace are joined by the separator that the catalog configured (default 0x1F): in a
path as it was advertised, encoded; in a query like any other text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from iceworthy.client.manifest_lists import shared_list
from iceworthy.client.snapshots import append_requirements, append_updates
from iceworthy.record.history import UNIT, key_of

Namespace = tuple[str, ...]

SCHEMA: Mapping[str, Any] = {
    "type": "struct",
    "schema-id": 0,
    "fields": [
        {"id": 1, "name": "id", "required": True, "type": "long"},
        {"id": 2, "name": "category", "required": False, "type": "string"},
        {"id": 3, "name": "at", "required": False, "type": "timestamptz"},
        {"id": 4, "name": "amount", "required": False, "type": "double"},
    ],
    "identifier-field-ids": [1],
}
SPEC: Mapping[str, Any] = {
    "spec-id": 0,
    "fields": [{"source-id": 3, "field-id": 1000, "name": "at_day", "transform": "day"}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, ready to be sent.

    operation: its operationId, such as "loadTable"; key: see iceworthy.record.history.key_of.
    """

    operation: str
    method: str
    path: str
    key: str
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """Builds calls for one catalog. base: path before /v1; prefix: already encoded, "" for none.

    path_separator: the separator as it stands in a path; "" encodes `separator`. Some servers tell
    an advertised "%2E" from the "." of a name, as the Java client does. location: base URI under
    which each new table's location is asked for; "" lets the catalog choose. offered: the
    operationIds that the server's /v1/config offers; None where it was not asked.
    """

    base: str = ""
    prefix: str = ""
    separator: str = UNIT
    path_separator: str = ""
    location: str = ""
    offered: frozenset[str] | None = None

    @property
    def root(self) -> str:
        """Path up to and without /namespaces."""
        return f"{self.base}/v1/{self.prefix}" if self.prefix else f"{self.base}/v1"

    def namespace_path(self, namespace: Namespace) -> str:
        return f"{self.root}/namespaces/{self._segment(namespace)}"

    def path_of(self, template: str, *parts: Namespace | str) -> str:
        """A path as the specification writes it, with these for its parameters after {prefix}."""
        below = template.removeprefix("/v1/{prefix}")
        pieces = below.split("/")
        lacking = [at for at, piece in enumerate(pieces) if piece.startswith("{")]
        if len(lacking) != len(parts):
            raise ValueError(f"{template} takes {len(lacking)} parameters, not {parts!r}")
        for at, part in zip(lacking, parts, strict=True):
            pieces[at] = self._segment(part)
        return (self.base if below == template else self.root) + "/".join(pieces)

    def _segment(self, part: Namespace | str) -> str:
        if isinstance(part, str):
            return quote(part, safe="")
        between = self.path_separator or quote(self.separator, safe="")
        return between.join(quote(level, safe="") for level in part)

    def table_path(self, namespace: Namespace, table: str) -> str:
        return f"{self.namespace_path(namespace)}/tables/{self._segment(table)}"

    def location_of(self, namespace: Namespace, table: str) -> str:
        """The location to ask for when this table is created; "" for none."""
        if not self.location:
            return ""
        levels = (quote(level, safe="") for level in (*namespace, table))
        return "/".join((self.location.rstrip("/"), *levels))

    def config(self, warehouse: str = "") -> Call:
        query = f"?{urlencode({'warehouse': warehouse})}" if warehouse else ""
        return Call(
            operation="getConfig", method="GET", path=f"{self.base}/v1/config{query}", key=""
        )

    def list_namespaces(
        self, parent: Namespace = (), *, page_size: int = 0, page_token: str | None = None
    ) -> Call:
        query: dict[str, str] = {"parent": self.separator.join(parent)} if parent else {}
        pages = _pages(query, page_size, page_token)
        return Call(
            operation="listNamespaces",
            method="GET",
            key=key_of(parent),
            path=f"{self.root}/namespaces{pages}",
        )

    def create_namespace(
        self, namespace: Namespace, properties: Mapping[str, str] | None = None
    ) -> Call:
        body = {"namespace": list(namespace), "properties": dict(properties or {})}
        return Call(
            operation="createNamespace",
            method="POST",
            path=f"{self.root}/namespaces",
            key=key_of(namespace),
            body=orjson.dumps(body),
        )

    def load_namespace(self, namespace: Namespace) -> Call:
        return Call(
            operation="loadNamespaceMetadata",
            method="GET",
            path=self.namespace_path(namespace),
            key=key_of(namespace),
        )

    def namespace_exists(self, namespace: Namespace) -> Call:
        return Call(
            operation="namespaceExists",
            method="HEAD",
            path=self.namespace_path(namespace),
            key=key_of(namespace),
        )

    def drop_namespace(self, namespace: Namespace) -> Call:
        return Call(
            operation="dropNamespace",
            method="DELETE",
            path=self.namespace_path(namespace),
            key=key_of(namespace),
        )

    def update_namespace_properties(
        self, namespace: Namespace, updates: Mapping[str, str], removals: Sequence[str] = ()
    ) -> Call:
        body = {"updates": dict(updates), "removals": list(removals)}
        return Call(
            operation="updateProperties",
            method="POST",
            key=key_of(namespace),
            path=f"{self.namespace_path(namespace)}/properties",
            body=orjson.dumps(body),
        )

    def list_tables(
        self, namespace: Namespace, *, page_size: int = 0, page_token: str | None = None
    ) -> Call:
        pages = _pages({}, page_size, page_token)
        return Call(
            operation="listTables",
            method="GET",
            key=key_of(namespace),
            path=f"{self.namespace_path(namespace)}/tables{pages}",
        )

    def create_table(
        self,
        namespace: Namespace,
        table: str,
        *,
        location: str = "",
        properties: Mapping[str, str] | None = None,
    ) -> Call:
        body: dict[str, Any] = {
            "name": table,
            "schema": SCHEMA,
            "partition-spec": SPEC,
            "stage-create": False,
            "properties": {"format-version": "2", **(properties or {})},
        }
        if location := location or self.location_of(namespace, table):
            body["location"] = location
        return Call(
            operation="createTable",
            method="POST",
            body=orjson.dumps(body),
            path=f"{self.namespace_path(namespace)}/tables",
            key=key_of(namespace, table),
        )

    def load_table(self, namespace: Namespace, table: str) -> Call:
        return Call(
            operation="loadTable",
            method="GET",
            path=self.table_path(namespace, table),
            key=key_of(namespace, table),
        )

    def table_exists(self, namespace: Namespace, table: str) -> Call:
        return Call(
            operation="tableExists",
            method="HEAD",
            path=self.table_path(namespace, table),
            key=key_of(namespace, table),
        )

    def drop_table(self, namespace: Namespace, table: str) -> Call:
        return Call(
            operation="dropTable",
            method="DELETE",
            path=self.table_path(namespace, table),
            key=key_of(namespace, table),
        )

    def rename_table(
        self, source: Namespace, table: str, destination: Namespace, new_name: str
    ) -> Call:
        body = {
            "source": {"namespace": list(source), "name": table},
            "destination": {"namespace": list(destination), "name": new_name},
        }
        return Call(
            operation="renameTable",
            method="POST",
            path=f"{self.root}/tables/rename",
            key=key_of(source, table),
            body=orjson.dumps(body),
        )

    def commit(
        self,
        namespace: Namespace,
        table: str,
        requirements: Iterable[Mapping[str, Any]],
        updates: Iterable[Mapping[str, Any]],
    ) -> Call:
        body = {
            "identifier": {"namespace": list(namespace), "name": table},
            "requirements": list(requirements),
            "updates": list(updates),
        }
        return Call(
            operation="updateTable",
            method="POST",
            path=self.table_path(namespace, table),
            key=key_of(namespace, table),
            body=orjson.dumps(body),
        )

    def append(
        self,
        namespace: Namespace,
        table: str,
        *,
        snapshot_id: int,
        uuid: str,
        parent: int | None,
        last_sequence: int,
        location: str,
        also: Iterable[Mapping[str, Any]] = (),
    ) -> Call:
        """The commit that appends one snapshot to a table as it was read; it fails with 409 when
        main has moved since.

        uuid, parent (head of main, None: no snapshot yet), last_sequence, location: of the table as
        it was read. also: updates sent in the same commit. The snapshot names the list that
        `manifest_lists.put_shared` has put there.
        """
        updates = append_updates(
            snapshot_id=snapshot_id,
            parent=parent,
            sequence=last_sequence + 1,
            location=location,
            listed=shared_list(location),
        )
        return self.commit(namespace, table, append_requirements(uuid, parent), [*updates, *also])

    def append_to_all(self, appends: Sequence[Append]) -> Call:
        """The transaction that appends one snapshot to each table; its key is the first table's,
        and the snapshots name shared lists as those of `append`."""
        changes = [
            {
                "identifier": {"namespace": list(one.namespace), "name": one.table},
                "requirements": append_requirements(one.uuid, one.parent),
                "updates": append_updates(
                    snapshot_id=one.snapshot_id,
                    parent=one.parent,
                    sequence=one.last_sequence + 1,
                    location=one.location,
                    listed=shared_list(one.location),
                ),
            }
            for one in appends
        ]
        return Call(
            operation="commitTransaction",
            method="POST",
            path=f"{self.root}/transactions/commit",
            key=appends[0].key,
            body=orjson.dumps({"table-changes": changes}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """One snapshot to append to a table as it was read; the fields are those of Wire.append."""

    namespace: Namespace
    table: str
    snapshot_id: int
    uuid: str
    parent: int | None
    last_sequence: int
    location: str

    @property
    def key(self) -> str:
        """The table's key in the history."""
        return key_of(self.namespace, self.table)


def _pages(query: dict[str, str], page_size: int, page_token: str | None) -> str:
    if page_size:
        query["pageSize"] = str(page_size)
        query["pageToken"] = page_token or ""
    elif page_token:
        query["pageToken"] = page_token
    return f"?{urlencode(query)}" if query else ""
