"""What tests of every part may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def official_document() -> str:
    """Apache Iceberg's REST OpenAPI document, kept beside the checkout; not part of the project."""
    document = SHARED / "openapi" / "rest-catalog-open-api.yaml"
    if document.is_file():
        return document.read_text(encoding="utf-8")
    lacking = f"the official OpenAPI document is not at ../shared/openapi/{document.name}"
    if os.environ.get("CI"):
        pytest.fail(f"{lacking}; in CI it must be", pytrace=False)
    pytest.skip(lacking)
