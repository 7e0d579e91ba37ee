"""The names by which a case can be asked for."""

from __future__ import annotations

import pytest

from iceworthy.words.asked import fits, names_of_case

CASE = ("errors.no_body[taken table]", "createTable")


@pytest.mark.parametrize(
    "pattern",
    [
        "errors.no_body[taken table]",
        "no_body[taken table]",
        "errors.no_body",
        "no_body",
        "no_*",
        "createTable",
    ],
)
def test_a_case_is_asked_for_with_and_without_its_file_and_its_instance(pattern: str) -> None:
    assert fits(pattern, names_of_case(*CASE))


@pytest.mark.parametrize("pattern", ["", "no_body[other]", "errors", "no_bod", "[taken table]"])
def test_another_name_asks_for_another_case(pattern: str) -> None:
    assert not fits(pattern, names_of_case(*CASE))
