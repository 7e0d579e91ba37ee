"""Access to storage (credentials, signed requests), and reports of metrics.

Source: the Iceberg REST specification. Not checked: what a credential gives access to.
"""

from __future__ import annotations

from iceworthy.specification.notation import any_of, record, value

SCHEMAS = {
    "StorageCredential": record({"prefix": "text", "config": "{text}"}),
    "LoadCredentialsResponse": record({"storage-credentials": "[StorageCredential]"}),
    "MultiValuedMap": value("{[text]}"),
    "RemoteSignRequest": record(
        {
            "region": "text",
            "uri": "text",
            "method": "'PUT'|'GET'|'HEAD'|'POST'|'DELETE'|'PATCH'|'OPTIONS'",
            "headers": "MultiValuedMap",
            "properties?": "{text}",
            "body?": "text",
            "provider?": "text",
        }
    ),
    "RemoteSignResult": record({"uri": "text", "headers": "MultiValuedMap"}),
    "RemoteSigningConfig": record({"properties?": "{text}", "headers?": "MultiValuedMap"}),
    "CounterResult": record({"unit": "text", "value": "long"}),
    "TimerResult": record({"time-unit": "text", "count": "long", "total-duration": "long"}),
    "MetricResult": any_of("CounterResult", "TimerResult"),
    "Metrics": value("{MetricResult}"),
    "ScanReport": record(
        {
            "table-name": "text",
            "snapshot-id": "long",
            "filter": "Predicate",
            "schema-id": "int",
            "projected-field-ids": "[int]",
            "projected-field-names": "[text]",
            "metrics": "Metrics",
            "metadata?": "{text}",
        }
    ),
    "CommitReport": record(
        {
            "table-name": "text",
            "snapshot-id": "long",
            "sequence-number": "long",
            "operation": "text",
            "metrics": "Metrics",
            "metadata?": "{text}",
        }
    ),
    "ReportMetricsRequest": {
        **record({"report-type": "text"}),
        **any_of("ScanReport", "CommitReport"),
    },
}
