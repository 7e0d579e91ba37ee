"""The notation of the contract's schemas: what it gives, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from iceworthy.specification.notation import record, value


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("long", {"type": "integer", "format": "int64"}),
        ("int(1..3)", {"type": "integer", "minimum": 1, "maximum": 3}),
        ("text(1..)", {"type": "string", "minLength": 1}),
        ("text|null", {"type": ["string", "null"]}),
        ("'a'", {"type": "string", "const": "a"}),
        ("'a'|'b'", {"type": "string", "enum": ["a", "b"]}),
        ("[Name]!", {"type": "array", "items": {"$ref": "#/$defs/Name"}, "uniqueItems": True}),
        (
            "{[text]}",
            {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
        ),
        ("bool = true", {"type": "boolean", "default": True}),
    ],
)
def test_a_value_is_compiled(said: str, wanted: dict[str, Any]) -> None:
    assert value(said) == wanted


@pytest.mark.parametrize("said", ["string", "[text", "'a'|text", "text!", "Name(1..2)"])
def test_what_the_notation_does_not_know_is_an_error(said: str) -> None:
    with pytest.raises(ValueError, match=r"text|string|Name"):
        value(said)


def test_a_record_says_what_may_lack_and_what_is_the_servers() -> None:
    made = record({"a": "text", "b?": "int", "c~": "int"})
    assert made["required"] == ["a", "c"]
    assert made["properties"]["c"] == {"type": "integer", "readOnly": True}
