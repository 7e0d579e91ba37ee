"""What was tested, and on which machine: a part of review.json."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["UnderTest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderTest:
    """The catalog's program, and the machine at the start. "" and null: not known."""

    version: str = ""
    """First line that [node] version_command printed; why there is none, where it failed."""
    program: str = ""
    """The file that the first word of the start command names."""
    sha256: str = ""
    """Checksum of that file."""
    command: str = ""
    """The start command with its placeholders; a value after a secret's name is "…"."""
    toxiproxy: str = ""
    """Version of the proxies between nodes and database; empty: there are none."""
    storage: str = ""
    """Kind of the storage below the catalog."""
    cpu: str = ""
    """Model of the machine's CPU."""
    memory_bytes: int | None = None
    """The machine's memory."""
    load_average: float | None = None
    """Processes that ran or waited in the minute before the start, on average."""
