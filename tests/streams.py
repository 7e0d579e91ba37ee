"""Lines of a run folder by the name of their stream, for tests that write or compare many kinds."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from iceworthy import discovery
from iceworthy.record.run_folder import RunFolder
from iceworthy.record.streams import KINDS
from iceworthy.record.typed_json import from_object, to_object

KIND_OF = {kind.STREAM: kind for kind in KINDS}


def append_line(folder: RunFolder, stream: str, /, **facts: Any) -> None:
    """Append one line through the record's writer; of a fault, with what its own file declares."""
    if stream == "faults" and facts["fault"] in discovery.names("fault"):
        fault = discovery.load("fault", facts["fault"])
        declared = {"takes_away": sorted(fault.takes_away), "interrupts": fault.interrupts}
        facts = {**declared, **facts}
    kind = KIND_OF[stream]
    assert facts.keys() <= {field.name for field in fields(kind)}, (stream, facts)
    folder.append(from_object(kind, to_object(facts), where=stream))


def lines_of(folder: RunFolder, stream: str) -> list[dict[str, Any]]:
    """The lines of a stream as plain values."""
    return [to_object(line) for line in folder.read(KIND_OF[stream])]
