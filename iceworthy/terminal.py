"""stdout and stderr of the command, whatever they can show and whatever became of them.

Claim: nothing that happens to them changes the exit code: an encoding without "✓", a descriptor
that is closed (`>&-`), a reader that left (`| head`), a full disk. What acts on a terminal, such as
an escape sequence, is written out.
Method: a missing descriptor becomes the null device, before any file can take its number; what the
encoding lacks is written in plain letters; a stream that refuses is turned to the null device, so
that Python finds nothing left to write at its exit. Not shown: that anybody reads the text.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import shutil
import sys
from typing import TextIO

from iceworthy.words.foreign import shown_lines

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
PLAIN = {"✓": "+", "✕": "x", "×": "x", "–": "-", "…": "...", "·": "-", "→": "->"}
TOLD_MOST = 1_000_000
NO_TERMINAL = 400
COLOURS = {
    r"(?m)^(✓ pass|PASS\b)": "green",
    r"(?m)^(✕ FAIL|FAIL\b)": "bold red",
    r"(?m)^(\? unknown|UNKNOWN\b)": "yellow",
    r"(?m)^ +(again|report)  ": "dim",
}
"""What of a text is coloured; the words say the same without colours."""
_HANDLER = "iceworthy-plain"


def prepare() -> None:
    """Make stdout and stderr of this process such that every text can be written to them."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is this one: all below it are open by now.
            os.open(os.devnull, os.O_RDWR)
    codecs.register_error(_HANDLER, _plain)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def tell(text: str, *, end: str = "\n") -> None:
    """Write a result to stdout; a reader who has left (`| head`, a closed terminal) is no error."""
    plain = shown_lines(text, TOLD_MOST) + end
    error = _write(sys.stdout, coloured(plain) if has_colours(sys.stdout) else plain)
    if error is not None and error.errno in FULL:
        complain(f"stdout could not be written: {error}")


def complain(*texts: str) -> None:
    """Write each text to stderr, after the name of the command."""
    _write(sys.stderr, "".join(f"iceworthy: {shown_lines(one)}\n" for one in texts))


def warn(text: str) -> None:
    """Write a text to stderr, without the name of the command."""
    _write(sys.stderr, shown_lines(text))


def has_colours(stream: TextIO | None) -> bool:
    """Whether verdicts are coloured there: on a terminal, but not with NO_COLOR or TERM=dumb."""
    if stream is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False


def coloured(text: str) -> str:
    """The text with its verdicts in colours; no line is broken, so that commands can be copied."""
    from rich.console import Console
    from rich.text import Text

    made = Text(text)
    for pattern, style in COLOURS.items():
        made.highlight_regex(pattern, style)
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", highlight=False)
    console.print(made, end="", soft_wrap=True)
    return out.getvalue()


def columns() -> int:
    """Columns of the terminal on stdout; many where stdout is no terminal: nothing is cut then."""
    if not (sys.stdout is not None and sys.stdout.isatty()) and "COLUMNS" not in os.environ:
        return NO_TERMINAL
    return shutil.get_terminal_size((NO_TERMINAL, 24)).columns


def settle() -> None:
    """Write out what is left, so that Python's exit finds nothing that could fail."""
    for stream in (sys.stdout, sys.stderr):
        _write(stream, "")


def _write(stream: TextIO | None, text: str) -> OSError | None:
    """Write and flush; the error of a stream that refused, which is turned away for good."""
    if stream is None:
        return None
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
        return error
    except ValueError:  # it is closed
        pass
    return None


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """What an encoding lacks, in plain letters or as an escape such as \\u2713."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    shown = "".join(
        PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode("ascii")
        for letter in lacking
    )
    return shown, error.end
