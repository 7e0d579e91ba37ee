"""Values of single columns: bounds, defaults, partition values and literals.

Source: the Iceberg REST specification. Not checked: that a value has its column's type.
"""

from __future__ import annotations

from iceworthy.specification.notation import UUID_PATTERN, any_of, record, value

_TEXTS = (
    "Decimal",
    "String",
    "Time",
    "Timestamp",
    "TimestampTz",
    "TimestampNano",
    "TimestampTzNano",
    "Fixed",
    "Binary",
)

SCHEMAS = {
    "BooleanTypeValue": value("bool"),
    "IntegerTypeValue": value("int"),
    "LongTypeValue": value("long"),
    "FloatTypeValue": value("float"),
    "DoubleTypeValue": value("double"),
    "UUIDTypeValue": {**value("uuid"), "pattern": UUID_PATTERN, "minLength": 36, "maxLength": 36},
    "DateTypeValue": value("date"),
    **{f"{name}TypeValue": value("text") for name in _TEXTS},
    # any_of, not one_of: most are strings or numbers, so a value matches several of them.
    "PrimitiveTypeValue": any_of(
        "BooleanTypeValue",
        "IntegerTypeValue",
        "LongTypeValue",
        "FloatTypeValue",
        "DoubleTypeValue",
        "UUIDTypeValue",
        "DateTypeValue",
        *(f"{name}TypeValue" for name in _TEXTS),
    ),
    "CountMap": record({"keys?": "[IntegerTypeValue]", "values?": "[LongTypeValue]"}),
    "ValueMap": record({"keys?": "[IntegerTypeValue]", "values?": "[PrimitiveTypeValue]"}),
}
