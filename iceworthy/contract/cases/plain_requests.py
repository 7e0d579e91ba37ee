"""Plain requests: what the specification requires in a request is enough for it to be taken.

These cases are tried first. The scenes of most other cases begin with the same requests. Example: a
catalog that refuses each createTable without a partition-spec breaks one case here; all cases that
need a table are then not tried, and name this one.
"""

from __future__ import annotations

from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.foundations import (
    committed_plainly,
    planned_plainly,
    registered_plainly,
    replaced_plainly,
)
from iceworthy.contract.table_scenes import committed, simple_table, wider_schema
from iceworthy.contract.view_scenes import view_body

PLACE = "schemas.CatalogConfig.properties.endpoints"


@case(
    "createNamespace",
    early=True,
    founds="createNamespace",
    says="namespace is the only required field",
    place="schemas.CreateNamespaceRequest",
)
def a_namespace_needs_its_name_alone(desk: Desk) -> None:
    levels = (*desk.root, desk.name())
    desk.accepted(desk.do("createNamespace", body={"namespace": list(levels)}))


@case(
    "createTable",
    early=True,
    founds="createTable",
    says="name and schema are the only required fields",
    place="schemas.CreateTableRequest",
)
def a_table_needs_a_name_and_a_schema_alone(desk: Desk) -> None:
    space = desk.fresh()
    body = desk.table_body("t", space)
    for left_out in ("stage-create", "properties"):
        del body[left_out]
    desk.accepted(desk.do("createTable", space, body=body))


@case(
    "updateTable",
    uses=("createTable",),
    early=True,
    founds="updateTable",
    says="a commit may have any number of updates and no requirement",
    place="schemas.CommitTableRequest",
)
def a_commit_needs_one_update_alone(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    update = {"action": "set-properties", "updates": {"k": "1"}}
    desk.accepted(desk.commit(space, "t", [update]))


@case(
    "createView",
    founds="createView",
    says="name, schema, view-version and properties are the required fields",
    place="schemas.CreateViewRequest",
)
def a_view_needs_its_required_fields_alone(desk: Desk) -> None:
    space = desk.fresh()
    desk.accepted(desk.do("createView", space, body=view_body("v")))


@case(
    "replaceView",
    uses=("createView", "loadView"),
    founds="replaceView",
    says="200 for a change that was made; requirements are not required",
)
def a_view_is_changed_by_one_update_alone(desk: Desk) -> None:
    replaced_plainly(desk)


@case(
    "commitTransaction",
    uses=("createTable", "loadTable"),
    founds="commitTransaction",
    says="a change of one table is a transaction, and is there when it is acknowledged",
    place="schemas.CommitTransactionRequest",
)
def a_transaction_needs_one_table_alone(desk: Desk) -> None:
    committed_plainly(desk)


@case(
    "registerTable",
    uses=("createTable", "dropTable", "loadTable"),
    founds="registerTable",
    says="name and metadata-location are the only required fields; the table is the file's",
    place="schemas.RegisterTableRequest",
)
def a_registration_needs_a_name_and_a_file_alone(desk: Desk) -> None:
    registered_plainly(desk)


@case(
    "planTableScan",
    uses=("createTable", "updateTable"),
    founds="planTableScan",
    says="200 for a request without a field; a plan that is submitted is completed later",
)
def a_plan_needs_no_field(desk: Desk) -> None:
    planned_plainly(desk)


@case(
    "updateTable",
    uses=("createTable", "loadTable"),
    says="last-column-id and schema-id are optional in an added schema",
    place="schemas.AddSchemaUpdate",
)
def a_schema_needs_its_fields_alone(desk: Desk) -> None:
    space, first = simple_table(desk)
    schema = wider_schema(first)
    del schema["schema-id"]
    found = committed(desk, space, {"action": "add-schema", "schema": schema})
    desk.same("number of schemas", 2, len(found.get("schemas") or []))


@case(
    "updateTable",
    uses=("createTable", "loadTable"),
    says="spec-id and field-id are optional in an added partition spec",
    place="schemas.AddPartitionSpecUpdate",
)
def a_partition_spec_needs_its_fields_alone(desk: Desk) -> None:
    space, _ = simple_table(desk)
    field = {"source-id": 1, "name": "id_bucket", "transform": "bucket[8]"}
    found = committed(desk, space, {"action": "add-spec", "spec": {"fields": [field]}})
    desk.same("number of specs", 2, len(found.get("partition-specs") or []))
