"""The units of recorded numbers: types that name the unit to a reader and to docs/formats.md.

`t_ns: Ns` is an `int` for mypy and for JSON. A field of plain `int` or `float` counts things or is
a share; its description says which.
"""

from __future__ import annotations

from typing import Annotated

Ns = Annotated[int, "ns of time.monotonic_ns()"]
Seconds = Annotated[float, "s"]
Milliseconds = Annotated[float, "ms"]
Bytes = Annotated[int, "bytes"]
Share = Annotated[float, "share, 0 to 1"]
