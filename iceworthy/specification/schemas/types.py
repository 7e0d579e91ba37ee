"""Types, schemas, partitioning and sort orders of tables and views.

Source: the Iceberg REST specification, and appendix C of the table specification that it refers to.
Not checked: which strings are types or transforms, and that ids refer to something.
"""

from __future__ import annotations

from iceworthy.specification.notation import any_of, record, value

SCHEMAS = {
    "PrimitiveType": value("text"),
    "VariantType": value("'variant'"),
    "StructField": record(
        {
            "id": "int",
            "name": "text",
            "type": "Type",
            "required": "bool",
            "doc?": "text",
            "initial-default?": "PrimitiveTypeValue",
            "write-default?": "PrimitiveTypeValue",
        }
    ),
    "StructType": record({"type": "'struct'", "fields": "[StructField]"}),
    "ListType": record(
        {
            "type": "'list'",
            "element-id": "int",
            "element": "Type",
            "element-required": "bool",
        }
    ),
    "MapType": record(
        {
            "type": "'map'",
            "key-id": "int",
            "key": "Type",
            "value-id": "int",
            "value": "Type",
            "value-required": "bool",
        }
    ),
    # any_of, not one_of: "variant" is a string, so it matches two of them.
    "Type": any_of("VariantType", "PrimitiveType", "StructType", "ListType", "MapType"),
    "Schema": record(
        {"schema-id?~": "int", "identifier-field-ids?": "[int]"}, also=("StructType",)
    ),
    "Transform": value("text"),
    "PartitionField": record(
        {
            "field-id?": "int",
            "source-id": "int",
            "name": "text",
            "transform": "Transform",
        }
    ),
    "PartitionSpec": record({"spec-id?~": "int", "fields": "[PartitionField]"}),
    "SortDirection": value("'asc'|'desc'"),
    "NullOrder": value("'nulls-first'|'nulls-last'"),
    "SortField": record(
        {
            "source-id": "int",
            "transform": "Transform",
            "direction": "SortDirection",
            "null-order": "NullOrder",
        }
    ),
    "SortOrder": record({"order-id~": "int", "fields": "[SortField]"}),
}
