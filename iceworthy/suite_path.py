"""Where scenarios/, chaos/, fixtures/ and analysis/ are, and how they become importable.

In a checkout the folders stand beside iceworthy/. In a wheel they are iceworthy/_suite/*, because a
wheel with a top-level folder named analysis or fixtures would collide with packages of these names.
"""

from __future__ import annotations

import sys
from pathlib import Path


def suite_root() -> Path:
    """The folder that holds scenarios/, chaos/, fixtures/ and analysis/."""
    here = Path(__file__).resolve().parent
    shipped = here / "_suite"
    return shipped if shipped.is_dir() else here.parent


def ensure_importable() -> Path:
    """Put suite_root() first on sys.path, once; returns it."""
    root = suite_root()
    text = str(root)
    if sys.path[:1] != [text]:
        if text in sys.path:
            sys.path.remove(text)
        sys.path.insert(0, text)
    return root
