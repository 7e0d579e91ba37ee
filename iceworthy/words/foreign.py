"""Text that a target, a file or a user chose: made visible before it is shown, quoted before it is
pasted.

Claim: what `shown` gives is bounded, and holds no character that a terminal, an editor or a browser
acts on: control characters, escape sequences, changes of the writing direction, invisible ones,
ends of lines. What `quoted` gives is one word for a shell, whose value is the text, and holds no
such character either. `markdown` is shown text in which no mark of Markdown or HTML has a meaning.
Method: such a character is written as its escape, for example \\x1b or \\u202e.
What it does NOT show: two texts that look alike because of letters of two alphabets.
"""

from __future__ import annotations

import re
import shlex
import unicodedata

__all__ = ["code_span", "fence_for", "markdown", "quoted", "shell_line", "shown", "shown_lines"]

TEXT_MOST = 20_000
LINES_MOST = 2_000
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"})
_PLAIN = re.compile(r"[ -~]*")  # nothing to look at: nearly every text
_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,@+ ")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKS = re.compile(r"[\\`*\[\]|~#]|(?<!\w)_|_(?!\w)")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})


def is_hidden(character: str) -> bool:
    """Whether a reader would not see this character as one that stands there."""
    return unicodedata.category(character) in _HIDDEN or character in "\u115f\u1160\u3164\uffa0"


def shown(value: object, most: int = TEXT_MOST) -> str:
    """One line of at most so many characters; a longer text is cut, and ends in "…"."""
    text = _start(value, most)
    text = text if _PLAIN.fullmatch(text) else "".join(map(_visible, text))
    return text if len(text) <= most else text[: most - 1] + "…"


def shown_lines(value: object, most: int = TEXT_MOST) -> str:
    """As `shown`, but with the text's own ends of lines."""
    lines = _start(value, most).split("\n")
    text = "\n".join(shown(line, most) for line in lines[:LINES_MOST])
    text += f"\n… {len(lines) - LINES_MOST} more lines" if len(lines) > LINES_MOST else ""
    return text if len(text) <= most else text[: most - 1] + "…"


def _start(value: object, most: int) -> str:
    """What may be shown of a text of any length, and one character more."""
    text = value if isinstance(value, str) else str(value)
    return text[: most + 1]


def _visible(character: str) -> str:
    if not is_hidden(character):
        return character
    number = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def quoted(value: object) -> str:
    """One word of a line that is pasted into bash, zsh or sh; its value is the text, without zero
    bytes. sh alone does not read the ends of lines at a text's very end.
    """
    text = str(value).replace("\0", "").encode("utf-8", "replace").decode()
    if _PLAIN.fullmatch(text) or not any(map(is_hidden, text)):
        return shlex.quote(text)
    stem = text.rstrip("\n")
    octal = "".join(chr(b) if b in _SAFE else f"\\{b:03o}" for b in stem.encode())
    # printf, since sh has no $'...'; in double quotes, so that it stays one word.
    word = f"\"$(printf '{octal}')\"" if stem else ""
    return word + "$'\\n'" * (len(text) - len(stem))


def shell_line(*words: object) -> str:
    """A line that is pasted into a shell: each word is quoted."""
    return " ".join(map(quoted, words))


def markdown(value: object, most: int = TEXT_MOST) -> str:
    """Shown text for a place inside a line of Markdown: a cell, an item of a list, a heading."""
    text = _MARKS.sub(r"\\\g<0>", shown(value, most)).translate(_ENTITIES)
    # At the beginning of an item these would begin a list or a heading in it.
    return re.sub(r"^(\s*)([-+=]|\d+(?=[.)]))", _literal, text)


def _literal(found: re.Match[str]) -> str:
    mark = found[2]
    return f"{found[1]}\\{mark}" if not mark.isdigit() else f"{found[1]}&#{ord(mark[0])};{mark[1:]}"


def code_span(value: object, most: int = TEXT_MOST) -> str:
    """Shown text as code in a line of Markdown, whatever backticks are in it."""
    text = shown(value, most)
    fence = fence_for(text, least=1)
    pad = " " if text[:1] in ("`", " ", "") or text[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fence_for(text: str, least: int = 3) -> str:
    """Backticks that no run of backticks in the text ends."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)
