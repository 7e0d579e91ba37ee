"""HTML pieces of the page: badges, tables, folds. Every text of a run goes through esc()."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from iceworthy.words.blame import Blame
from iceworthy.words.foreign import shown_lines

ESCAPED_MOST = 200_000
FACTS_MOST = 400
MARKS = {"pass": "✓", "fail": "✕", "unknown": "?", "later": "–"}
_TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")
_TAG = re.compile(r"<[a-z][^<>]*>")
_ENDS = re.compile(r"</(?:t[dhr]|d[dt]|thead|tbody|li)>")
_ATTRIBUTE = re.compile(r"""([\w:-]+=)(?:"([\w.%#-]+)"(?=[\s>])|("[^"]*"|'[^']*'))""")
WORDS = {"pass": "pass", "fail": "fail", "unknown": "unknown", "later": "not judged"}


def esc(value: Any) -> str:
    """A value as HTML text: what acts in it is made visible (words/foreign.py), and escaped."""
    return escape(shown_lines(value, ESCAPED_MOST), quote=True)


def badge(verdict: str) -> str:
    """A verdict as a mark and a word."""
    return f'<b class="{verdict}">{MARKS[verdict]} {WORDS[verdict]}</b>'


def harm_badge(harm: str) -> str:
    """The harm of a finding, as marked as a fail."""
    return f'<b class="fail">{MARKS["fail"]} {esc(harm)}</b>'


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    right: Iterable[int] = (),
    wide: Iterable[int] = (),
    kind: str = "",
) -> str:
    """A table of cells that are HTML already. right: columns of numbers; wide: columns of
    sentences; kind: "sorts" for a table that sorts by its heads, "searched" for a table whose rows
    the search leaves out.
    """
    columns = [f"r{i}" for i in right] + [f"w{i}" for i in wide]

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(f"<{tag}>{cell}</{tag}>" for cell in row)

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    named = [esc(h) or '<span class="unseen">verdict</span>' for h in heads]
    head = f"<thead><tr>{cells('th', named)}</tr></thead>" if any(heads) else ""
    kinds = " ".join(("stacks", *([kind] if kind else []), *columns))
    return f'<table class="{kinds}">{head}<tbody>{body}</tbody></table>'


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Names, and the text of each, which is HTML already; "" for none."""
    inside = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
    return f"<dl>{inside}</dl>" if inside else ""


def fold(title: str, inside: str, *, listed: bool = False, named: str = "") -> str:
    """A part of the page that the reader can open; the title is HTML already. listed: the title
    says something by itself, so that it is printed while the part is closed. named: the name by
    which a link finds it.
    """
    kind = ("fold listed" if listed else "fold") + (f'" id="{esc(named)}' if named else "")
    return f'<details class="{kind}"><summary>{title}</summary>{inside}</details>' if inside else ""


def quotes_as_they_are(html: str) -> str:
    """The same page with plain quotes in its text: they must be written otherwise in attributes
    alone, and a page full of JSON is a sixth shorter."""
    return _TEXT.sub(lambda text: text[0].replace("&quot;", '"').replace("&#x27;", "'"), html)


def slim(html: str) -> str:
    """The same page in fewer letters: without the end tags that HTML lets out (of rows, cells and
    items, each of which the next one ends), and without quotes around a value of one word."""
    return _TAG.sub(
        lambda tag: _ATTRIBUTE.sub(lambda one: one[1] + (one[2] or one[3]), tag[0]),
        _ENDS.sub("", html),
    )


def facts(values: Any) -> str:
    """JSON-able facts; a list gets one line for each item. Of a long line the first FACTS_MOST
    characters are shown, and where the rest is."""
    items = values if isinstance(values, list) else [values]
    text = "\n".join(
        _fact(json.dumps(value, ensure_ascii=False, separators=(", ", ":"))) for value in items
    )
    return f"<pre>{esc(text)}</pre>" if text else ""


def _fact(line: str) -> str:
    left = len(line) - FACTS_MOST
    return line if left <= 0 else f"{line[:FACTS_MOST]}… {left:,} characters more in verdicts.json"


def command(text: str) -> str:
    """A command line, which is selected with one click; the page's script adds a button that
    copies it."""
    return f'<div class="cmd"><code>{esc(text)}</code></div>' if text else ""


def count(value: Any) -> str:
    """A number with thousands separators."""
    return f"{value:,}" if isinstance(value, int) else esc(value)


def blamed(who: Blame | None, reason: str) -> str:
    """The reason of a verdict or requirement, with whose doing it is where that is not the
    catalog's: "to blame is the machine: not judged: …".
    """
    return reason if who in (None, Blame.CATALOG) else f"to blame is {who.words}: {reason}"
