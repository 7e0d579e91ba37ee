"""Scan planning, and the files that a plan's tasks read.

Source: the Iceberg REST specification. Not checked: that the tasks are the right ones.
"""

from __future__ import annotations

from iceworthy.specification.notation import by_tag, record, value

SCHEMAS = {
    "FieldName": value("text"),
    "PlanTask": value("text"),
    "FileFormat": value("'avro'|'orc'|'parquet'|'puffin'"),
    "PlanTableScanRequest": record(
        {
            "snapshot-id?": "long",
            "select?": "[FieldName]",
            "filter?": "Predicate",
            "min-rows-requested?": "long",
            "case-sensitive?": "bool = true",
            "use-snapshot-schema?": "bool = false",
            "start-snapshot-id?": "long",
            "end-snapshot-id?": "long",
            "stats-fields?": "[FieldName]",
        }
    ),
    "FetchScanTasksRequest": record({"plan-task": "PlanTask"}),
    "FileScanTask": record(
        {
            "data-file": "DataFile",
            "delete-file-references?": "[int]",
            "residual-filter?": "Predicate",
        }
    ),
    "ScanTasks": record(
        {
            "delete-files?": "[DeleteFile]",
            "file-scan-tasks?": "[FileScanTask]",
            "plan-tasks?": "[PlanTask]",
        }
    ),
    "CompletedPlanningResult": record(
        {"status": "'completed'", "storage-credentials?": "[StorageCredential]"},
        also=("ScanTasks",),
    ),
    "CompletedPlanningWithIDResult": record({"plan-id": "text"}, also=("CompletedPlanningResult",)),
    # The error beside the status: the closed form of an error would not allow the status field.
    "FailedPlanningResult": record({"status": "'failed'", "error": "ErrorModel"}),
    "AsyncPlanningResult": record({"status": "'submitted'", "plan-id": "text"}),
    "EmptyPlanningResult": record({"status": "'submitted'|'cancelled'"}),
    "FetchPlanningResult": by_tag(
        "status",
        {
            "completed": "CompletedPlanningResult",
            "submitted": "EmptyPlanningResult",
            "cancelled": "EmptyPlanningResult",
            "failed": "FailedPlanningResult",
        },
    ),
    "PlanTableScanResult": by_tag(
        "status",
        {
            "completed": "CompletedPlanningWithIDResult",
            "submitted": "AsyncPlanningResult",
            "cancelled": "EmptyPlanningResult",
            "failed": "FailedPlanningResult",
        },
    ),
    "FetchScanTasksResult": record({}, also=("ScanTasks",)),
    "ContentFile": record(
        {
            "content": "text",
            "file-path": "text",
            "file-format": "FileFormat",
            "spec-id": "int",
            "partition": "[PrimitiveTypeValue]",
            "file-size-in-bytes": "long",
            "record-count": "long",
            "key-metadata?": "BinaryTypeValue",
            "split-offsets?": "[long]",
            "sort-order-id?": "int",
        }
    ),
    "DataFile": record(
        {
            "content": "'data'",
            "first-row-id?": "long",
            "column-sizes?": "CountMap",
            "value-counts?": "CountMap",
            "null-value-counts?": "CountMap",
            "nan-value-counts?": "CountMap",
            "lower-bounds?": "ValueMap",
            "upper-bounds?": "ValueMap",
        },
        also=("ContentFile",),
    ),
    "DeleteFile": by_tag(
        "content",
        {
            "position-deletes": "PositionDeleteFile",
            "equality-deletes": "EqualityDeleteFile",
        },
    ),
    "PositionDeleteFile": record(
        {
            "content": "'position-deletes'",
            "content-offset?": "long",
            "content-size-in-bytes?": "long",
        },
        also=("ContentFile",),
    ),
    "EqualityDeleteFile": record(
        {
            "content": "'equality-deletes'",
            "equality-ids?": "[int]",
        },
        also=("ContentFile",),
    ),
}
