"""Tables: their metadata, and the requests and answers that contain it.

Source: the Iceberg REST specification. It demands less of metadata than the table specification
demands of a file of one format version. Not checked: that the parts of metadata are consistent.
"""

from __future__ import annotations

from iceworthy.specification.notation import record, value

SCHEMAS = {
    "EncryptedKey": record(
        {
            "key-id": "text",
            "encrypted-key-metadata": "base64",
            "encrypted-by-id?": "text",
            "properties?": "{text}",
        }
    ),
    "Snapshot": record(
        {
            "snapshot-id": "long",
            "parent-snapshot-id?": "long",
            "sequence-number?": "long",
            "timestamp-ms": "long",
            "manifest-list": "text",
            "first-row-id?": "long",
            "added-rows?": "long",
            "summary": {
                **record({"operation": "'append'|'replace'|'overwrite'|'delete'"}),
                "additionalProperties": value("text"),
            },
            "schema-id?": "int",
        }
    ),
    "SnapshotReference": record(
        {
            "type": "'tag'|'branch'",
            "snapshot-id": "long",
            "max-ref-age-ms?": "long",
            "max-snapshot-age-ms?": "long",
            "min-snapshots-to-keep?": "int",
        }
    ),
    "SnapshotReferences": value("{SnapshotReference}"),
    "SnapshotLog": {
        "type": "array",
        "items": record({"snapshot-id": "long", "timestamp-ms": "long"}),
    },
    "MetadataLog": {
        "type": "array",
        "items": record({"metadata-file": "text", "timestamp-ms": "long"}),
    },
    "BlobMetadata": record(
        {
            "type": "text",
            "snapshot-id": "long",
            "sequence-number": "long",
            "fields": "[int]",
            "properties?": "{text}",
        }
    ),
    "StatisticsFile": record(
        {
            "snapshot-id": "long",
            "statistics-path": "text",
            "file-size-in-bytes": "long",
            "file-footer-size-in-bytes": "long",
            "blob-metadata": "[BlobMetadata]",
        }
    ),
    "PartitionStatisticsFile": record(
        {
            "snapshot-id": "long",
            "statistics-path": "text",
            "file-size-in-bytes": "long",
        }
    ),
    "TableMetadata": record(
        {
            "format-version": "int(1..3)",
            "table-uuid": "text",
            "location?": "text",
            "last-updated-ms?": "long",
            "next-row-id?": "long",
            "properties?": "{text}",
            "schemas?": "[Schema]",
            "current-schema-id?": "int",
            "last-column-id?": "int",
            "partition-specs?": "[PartitionSpec]",
            "default-spec-id?": "int",
            "last-partition-id?": "int",
            "sort-orders?": "[SortOrder]",
            "default-sort-order-id?": "int",
            "encryption-keys?": "[EncryptedKey]",
            # Null for none, as the Java implementation writes version 3.
            "snapshots?": "[Snapshot]",
            "refs?": "SnapshotReferences",
            "current-snapshot-id?": "long|null",
            "last-sequence-number?": "long",
            "snapshot-log?": "SnapshotLog",
            "metadata-log?": "MetadataLog",
            "statistics?": "[StatisticsFile]",
            "partition-statistics?": "[PartitionStatisticsFile]",
        }
    ),
    "CreateTableRequest": record(
        {
            "name": "text",
            "location?": "text",
            "schema": "Schema",
            "partition-spec?": "PartitionSpec",
            "write-order?": "SortOrder",
            "stage-create?": "bool",
            "properties?": "{text}",
        }
    ),
    "RegisterTableRequest": record(
        {
            "name": "text",
            "metadata-location": "text",
            "overwrite?": "bool = false",
        }
    ),
    "UnregisterTableResult": record({"metadata-location": "text", "metadata": "TableMetadata"}),
    "LoadTableResult": record(
        {
            "metadata-location?": "text|null",
            "metadata": "TableMetadata",
            "config?": "{text}",
            "storage-credentials?": "[StorageCredential]",
            "remote-signing-config?": "RemoteSigningConfig",
        }
    ),
    "CommitTableRequest": record(
        {
            "identifier?": "TableIdentifier",
            "requirements": "[TableRequirement]",
            "updates": "[TableUpdate]",
        }
    ),
    "CommitTableResponse": record({"metadata-location": "text", "metadata": "TableMetadata"}),
    "CommitTransactionRequest": record({"table-changes": "[CommitTableRequest]"}),
}
