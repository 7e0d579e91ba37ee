"""Build hook: a wheel ships the suite's folders inside its one package, as iceworthy/_suite/*.

A flat wheel of folders named analysis or fixtures would collide with packages of these names. An
editable install needs none of it: there the folders stand beside iceworthy/ (suite_path.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("analysis", "chaos", "fixtures", "scenarios", "locustfile.py")


class SuiteFolders(BuildHookInterface[Any]):
    """Adds SHIPPED to a standard wheel; does nothing for an editable one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "standard":
            return
        root = Path(self.root)
        for name in SHIPPED:
            if (root / name).exists():
                build_data["force_include"][str(root / name)] = f"iceworthy/_suite/{name}"
