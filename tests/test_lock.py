"""The lock installs the same libraries everywhere, from any registry."""

from __future__ import annotations

import re

from tests.source_tree import ROOT


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert not re.search(r"^\s*-[^-]|^\s*--(?!hash=)", lock, re.MULTILINE), "an option in the lock"
    pins = re.split(r"\n(?=[a-z0-9])", lock.strip())
    unhashed = [
        pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin or "==" not in pin
    ]
    assert len(pins) > 50
    assert not unhashed, unhashed
