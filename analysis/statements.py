"""The message of an error without the names and numbers of its request: errors alike are equal.

Claim: two answers that differ only in what the request named make one statement. Example:
"snapshot-id 3251175794568883927 does not exist" and "snapshot-id 17 does not exist" are both
"snapshot-id … does not exist".
What this does NOT show: that equal statements come from one place in the target's code.
"""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

MOST = 120
LEFT_OUT = "…"
_MESSAGE = re.compile(r'"message"\s*:\s*"((?:[^"\\]|\\.)*)')
_WORD = re.compile(r"[A-Za-z]+(?:[.'$-][A-Za-z]+)*")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_SPLIT = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


def statement(answer: str, path: str = "") -> str:
    """The first line of the message in an error's body, as a template; "" where there is none.

    answer: "status 400: {…}", or cut off anywhere. path: of the request; its names are left out.
    """
    found = _MESSAGE.search(answer)
    return template(_unescaped(found[1]), names_of(path)) if found else ""


def template(text: str, names: tuple[str, ...] = ()) -> str:
    """The first line of a text with "…" in place of names, numbers, quoted texts and ids."""
    line = text.strip().partition("\n")[0]
    for name in sorted(names, key=len, reverse=True):
        line = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", LEFT_OUT, line)
    kept: list[str] = []
    for word in map(_word, _QUOTED.sub(LEFT_OUT, line).split()):
        if word != LEFT_OUT or kept[-1:] != [word]:
            kept.append(word)
    return " ".join(kept)[:MOST]


def names_of(path: str) -> tuple[str, ...]:
    """The segments of a path that can be names of the request, plain and as they are encoded."""
    segments = [part for part in path.partition("?")[0].split("/") if len(part) > 1]
    own = [part for part in segments if part not in ("v1", "namespaces", "tables", "views")]
    return tuple(dict.fromkeys(text for part in own for text in (part, unquote(part))))


def _word(word: str) -> str:
    before, core, after = _SPLIT.match(word).groups()  # type: ignore[union-attr]
    if _WORD.fullmatch(core) and LEFT_OUT not in before:
        return word
    end = after if after in (":", ",", ";", ".") else ""
    return f"{LEFT_OUT}{end}" if core or before or after else ""


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:  # it was cut within an escape
        return text


def shortened(text: str, most: int = 60) -> str:
    """A text as one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + LEFT_OUT
