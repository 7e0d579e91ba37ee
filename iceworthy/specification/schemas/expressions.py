"""Expressions: the filters of scans, and the filters that reports contain.

Source: the Iceberg REST specification. The old forms, which have a term in place of an expression,
are as valid as the new ones. Not checked: that the named columns exist.
"""

from __future__ import annotations

from iceworthy.specification.notation import any_of, one_of, record, value

_TERM = {"term?": "Term"}

SCHEMAS = {
    "Predicate": one_of(
        "bool",
        "TrueExpression",
        "FalseExpression",
        "AndOrPredicate",
        "NotPredicate",
        "UnaryPredicate",
        "ComparisonPredicate",
        "SetPredicate",
    ),
    "TrueExpression": record({"type": "'true'"}),
    "FalseExpression": record({"type": "'false'"}),
    "AndOrPredicate": record({"type": "'and'|'or'", "left": "Predicate", "right": "Predicate"}),
    "NotPredicate": record({"type": "'not'", "child": "Predicate"}),
    "UnaryPredicate": record(
        {
            "type": "'is-null'|'not-null'|'is-nan'|'not-nan'",
            "child?": "ValueExpression",
            **_TERM,
        },
        closed=True,
    ),
    "ComparisonPredicate": record(
        {
            "type": "'lt'|'lt-eq'|'gt'|'gt-eq'|'eq'|'not-eq'|'starts-with'|'not-starts-with'",
            "left?": "ValueExpression",
            "right?": "ValueExpression",
            **_TERM,
            "value?": "Literal",
        },
        closed=True,
    ),
    "SetPredicate": record(
        {
            "type": "'in'|'not-in'",
            "child?": "ValueExpression",
            **_TERM,
            "values": "Literals",
        },
        closed=True,
    ),
    "ValueExpression": one_of("Literal", "Reference", "Apply"),
    "Literal": one_of(
        "PrimitiveTypeValue",
        record(
            {
                "type": "'literal'",
                "value": "PrimitiveTypeValue",
                "data-type?": "PrimitiveType",
            },
            closed=True,
        ),
    ),
    "Literals": one_of(
        "[Literal]",
        record(
            {
                "type": "'literals'",
                "values": "[PrimitiveTypeValue]",
                "data-type": "PrimitiveType",
            },
            closed=True,
        ),
    ),
    "Reference": one_of("IdReference", "NamedReference"),
    "IdReference": record({"type": "'reference'", "id": "int"}, closed=True),
    "NamedReference": record({"type": "'reference'", "name": "text"}, closed=True),
    "Apply": record(
        {
            "type": "'apply'",
            "function": one_of(
                "text(1..)",
                "CatalogObjectIdentifier",
                record({"catalog?": "text", "identifier": "CatalogObjectIdentifier"}, closed=True),
            ),
            "arguments": "[FunctionArgument]",
        },
        closed=True,
    ),
    "FunctionArgument": any_of("ValueExpression", "Predicate"),
    "Term": one_of("TermReference", "TransformTerm"),
    "TermReference": value("text"),
    "TransformTerm": record(
        {
            "type": "'transform'",
            "transform": "Transform",
            "term": "TermReference",
        }
    ),
}
