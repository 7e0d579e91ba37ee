"""Every schema of the contract by name, as JSON Schema 2020-12 with references to each other.

Claim: every name that a schema or an operation refers to is defined here; tests check it.
"""

from __future__ import annotations

from collections.abc import Mapping

from iceworthy.specification.notation import Schema
from iceworthy.specification.schemas import (
    access,
    errors,
    expressions,
    names,
    scans,
    tables,
    types,
    updates,
    values,
    views,
)

_FILES = (errors, names, types, values, expressions, tables, updates, views, scans, access)
SCHEMAS: Mapping[str, Schema] = {
    name: schema for file in _FILES for name, schema in file.SCHEMAS.items()
}
