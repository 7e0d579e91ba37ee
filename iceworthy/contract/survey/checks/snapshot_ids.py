"""Snapshot ids are kept exactly, as wide as engines draw them."""

from __future__ import annotations

from collections.abc import Iterator

from iceworthy.contract.survey.desk import Finding, SurveyDesk
from iceworthy.contract.survey.snapshot_range import snapshot_range

REQUIREMENTS = ("FR-001",)


def check(desk: SurveyDesk) -> Iterator[Finding]:
    yield from snapshot_range(desk).findings
