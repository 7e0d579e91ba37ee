"""The command `iceworthy`, and `python -m iceworthy`.

An installed wheel keeps fixtures/, scenarios/, chaos/ and analysis/ in iceworthy/_suite, so that
folder must be on sys.path before iceworthy.cli imports from them.
"""

import sys

from iceworthy.suite_path import ensure_importable


def main() -> int:
    """Run the command that the process's arguments name; returns the exit code."""
    ensure_importable()
    from iceworthy.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
