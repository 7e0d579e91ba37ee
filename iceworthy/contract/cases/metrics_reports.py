"""Clients' reports about scans and commits: accepted with 204, or refused."""

from __future__ import annotations

from typing import Any

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.same_metadata import same_metadata

PLACE = "schemas.ReportMetricsRequest"

REPORT = "reportMetrics"
MADE = ("createTable",)
COUNTER = {"unit": "count", "value": 3}
TIMER = {"time-unit": "nanoseconds", "count": 1, "total-duration": 2644235116}
SCAN = {
    "report-type": "scan-report",
    "table-name": "t",
    "snapshot-id": 1,
    "filter": True,
    "schema-id": 0,
    "projected-field-ids": [1, 2],
    "projected-field-names": ["id", "category"],
    "metrics": {"total-planning-duration": TIMER, "result-data-files": COUNTER},
    "metadata": {},
}
COMMIT = {
    "report-type": "commit-report",
    "table-name": "t",
    "snapshot-id": 1,
    "sequence-number": 1,
    "operation": "append",
    "metrics": {"added-data-files": COUNTER},
    "metadata": {"engine": "x"},
}
_EQ = {"type": "eq", "term": "category", "value": "a"}


def _without(report: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name != key}


@case(
    REPORT,
    uses=MADE,
    each={
        "scan": SCAN,
        "commit": COMMIT,
        "scan without metadata": _without(SCAN, "metadata"),
        "commit without metadata": _without(COMMIT, "metadata"),
        "no metrics taken": {**COMMIT, "metrics": {}},
        "filter": {**SCAN, "filter": _EQ},
        "filter of both": {
            **SCAN,
            "filter": {
                "type": "and",
                "left": _EQ,
                "right": {"type": "not", "child": {"type": "is-null", "term": "amount"}},
            },
        },
        "wide ids": {**COMMIT, "snapshot-id": 4611686018427387905, "sequence-number": 2**40},
        "no field": {**SCAN, "projected-field-ids": [], "projected-field-names": []},
        "custom metric": {**COMMIT, "metrics": {"my own": COUNTER, "time": TIMER}},
    },
    says="204 for a ScanReport or a CommitReport about a table that exists",
)
def a_report_is_taken(desk: Desk, report: dict[str, Any]) -> None:
    space = desk.fresh()
    before = desk.table(space)
    reply = desk.expect(desk.do(REPORT, space, "t", body=report), 204)
    desk.same("body", b"", reply.raw)
    same_metadata(desk, before, desk.load(space).metadata)


@case(
    REPORT,
    uses=MADE,
    each={
        **{
            f"scan without {key}": _without(SCAN, key)
            for key in (
                "table-name",
                "snapshot-id",
                "filter",
                "schema-id",
                "projected-field-ids",
                "projected-field-names",
                "metrics",
            )
        },
        **{
            f"commit without {key}": _without(COMMIT, key)
            for key in ("table-name", "snapshot-id", "sequence-number", "operation", "metrics")
        },
        "no report-type": _without(COMMIT, "report-type"),
        "metrics a list": {**COMMIT, "metrics": []},
        "counter without value": {**COMMIT, "metrics": {"m": {"unit": "count"}}},
        "snapshot-id a text": {**COMMIT, "snapshot-id": "x"},
        "a list": [],
        "nothing": {},
    },
    says="a body that is neither kind of report is a bad request",
    reading="a catalog may take reports with 204 without looking into them",
)
def a_report_of_the_wrong_shape_is_refused(desk: Desk, report: Any) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.refused(desk.do(REPORT, space, "t", body=report))


@case(
    REPORT,
    each=(SCAN["report-type"], COMMIT["report-type"]),
    says="404 NoSuchTableException when the table does not exist",
)
def a_report_about_an_unknown_table_is_not_found(desk: Desk, kind: str) -> None:
    report = SCAN if kind == SCAN["report-type"] else COMMIT
    reply = desk.do(REPORT, desk.fresh(), "unknown", body=report)
    if reply.status == 204:
        desk.skip("the target accepts reports without a check of the table, as some catalogs do")
    desk.expect(reply, 404, error="NoSuchTableException")


@case(REPORT, uses=MADE, needs=("two_nodes",), says="every node accepts reports", place="FR-007")
def the_other_node_takes_reports_too(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(desk.do(REPORT, space, "t", body=COMMIT, node=1), 204)
