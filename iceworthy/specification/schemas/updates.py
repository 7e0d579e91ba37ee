"""Updates and requirements of commits to tables and views, distinguished by their action or type.

Source: the Iceberg REST specification. Not checked: when an update may be applied.
"""

from __future__ import annotations

from collections.abc import Mapping

from iceworthy.specification.notation import Schema, by_tag, record

_BOTH = {
    "assign-uuid": "AssignUUIDUpdate",
    "upgrade-format-version": "UpgradeFormatVersionUpdate",
    "add-schema": "AddSchemaUpdate",
    "set-location": "SetLocationUpdate",
    "set-properties": "SetPropertiesUpdate",
    "remove-properties": "RemovePropertiesUpdate",
}
TABLE_UPDATES: Mapping[str, str] = {
    **_BOTH,
    "set-current-schema": "SetCurrentSchemaUpdate",
    "add-spec": "AddPartitionSpecUpdate",
    "set-default-spec": "SetDefaultSpecUpdate",
    "add-sort-order": "AddSortOrderUpdate",
    "set-default-sort-order": "SetDefaultSortOrderUpdate",
    "add-snapshot": "AddSnapshotUpdate",
    "set-snapshot-ref": "SetSnapshotRefUpdate",
    "remove-snapshots": "RemoveSnapshotsUpdate",
    "remove-snapshot-ref": "RemoveSnapshotRefUpdate",
    "set-statistics": "SetStatisticsUpdate",
    "remove-statistics": "RemoveStatisticsUpdate",
    "set-partition-statistics": "SetPartitionStatisticsUpdate",
    "remove-partition-statistics": "RemovePartitionStatisticsUpdate",
    "remove-partition-specs": "RemovePartitionSpecsUpdate",
    "remove-schemas": "RemoveSchemasUpdate",
    "add-encryption-key": "AddEncryptionKeyUpdate",
    "remove-encryption-key": "RemoveEncryptionKeyUpdate",
}
VIEW_UPDATES: Mapping[str, str] = {
    **_BOTH,
    "add-view-version": "AddViewVersionUpdate",
    "set-current-view-version": "SetCurrentViewVersionUpdate",
}
TABLE_REQUIREMENTS: Mapping[str, str] = {
    "assert-create": "AssertCreate",
    "assert-table-uuid": "AssertTableUUID",
    "assert-ref-snapshot-id": "AssertRefSnapshotId",
    "assert-last-assigned-field-id": "AssertLastAssignedFieldId",
    "assert-current-schema-id": "AssertCurrentSchemaId",
    "assert-last-assigned-partition-id": "AssertLastAssignedPartitionId",
    "assert-default-spec-id": "AssertDefaultSpecId",
    "assert-default-sort-order-id": "AssertDefaultSortOrderId",
}
VIEW_REQUIREMENTS: Mapping[str, str] = {"assert-view-uuid": "AssertViewUUID"}

_FIELDS: Mapping[str, Mapping[str, str]] = {
    "assign-uuid": {"uuid": "text"},
    "upgrade-format-version": {"format-version": "int"},
    "add-schema": {"schema": "Schema", "last-column-id?": "int"},
    "set-current-schema": {"schema-id": "int"},
    "add-spec": {"spec": "PartitionSpec"},
    "set-default-spec": {"spec-id": "int"},
    "add-sort-order": {"sort-order": "SortOrder"},
    "set-default-sort-order": {"sort-order-id": "int"},
    "add-snapshot": {"snapshot": "Snapshot"},
    "set-snapshot-ref": {"ref-name": "text"},
    "remove-snapshots": {"snapshot-ids": "[long]"},
    "remove-snapshot-ref": {"ref-name": "text"},
    "set-location": {"location": "text"},
    "set-properties": {"updates": "{text}"},
    "remove-properties": {"removals": "[text]"},
    "set-statistics": {"snapshot-id?": "long", "statistics": "StatisticsFile"},
    "remove-statistics": {"snapshot-id": "long"},
    "set-partition-statistics": {"partition-statistics": "PartitionStatisticsFile"},
    "remove-partition-statistics": {"snapshot-id": "long"},
    "remove-partition-specs": {"spec-ids": "[int]"},
    "remove-schemas": {"schema-ids": "[int]"},
    "add-encryption-key": {"encryption-key": "EncryptedKey"},
    "remove-encryption-key": {"key-id": "text"},
    "add-view-version": {"view-version": "ViewVersion"},
    "set-current-view-version": {"view-version-id": "int"},
    "assert-create": {},
    "assert-table-uuid": {"uuid": "text"},
    "assert-ref-snapshot-id": {"ref": "text", "snapshot-id": "long|null"},
    "assert-last-assigned-field-id": {"last-assigned-field-id": "int"},
    "assert-current-schema-id": {"current-schema-id": "int"},
    "assert-last-assigned-partition-id": {"last-assigned-partition-id": "int"},
    "assert-default-spec-id": {"default-spec-id": "int"},
    "assert-default-sort-order-id": {"default-sort-order-id": "int"},
    "assert-view-uuid": {"uuid": "text"},
}


def _each(tag: str, names: Mapping[str, str]) -> dict[str, Schema]:
    return {
        name: record(
            {tag: f"'{text}'", **_FIELDS[text]},
            also=("SnapshotReference",) if text == "set-snapshot-ref" else (),
        )
        for text, name in names.items()
    }


SCHEMAS: dict[str, Schema] = {
    **_each("action", {**TABLE_UPDATES, **VIEW_UPDATES}),
    **_each("type", {**TABLE_REQUIREMENTS, **VIEW_REQUIREMENTS}),
    "TableUpdate": by_tag("action", TABLE_UPDATES),
    "ViewUpdate": by_tag("action", VIEW_UPDATES),
    "TableRequirement": by_tag("type", TABLE_REQUIREMENTS),
    "ViewRequirement": by_tag("type", VIEW_REQUIREMENTS),
}
