"""The contract: the content of the Iceberg REST specification as data, in the project's words."""

from __future__ import annotations

from iceworthy.specification.listed import operations_offered
from iceworthy.specification.operations import (
    BY_DEFAULT,
    OPERATIONS,
    Operation,
    advertised_name,
    match,
    operation,
)
from iceworthy.specification.validation import validate_request, validate_response

__all__ = [
    "BY_DEFAULT",
    "OPERATIONS",
    "Operation",
    "advertised_name",
    "match",
    "operation",
    "operations_offered",
    "validate_request",
    "validate_response",
]
