"""Foreign text: what is shown holds nothing that acts, and what is quoted is one word."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iceworthy.words.foreign import (
    code_span,
    fence_for,
    markdown,
    quoted,
    shell_line,
    shown,
    shown_lines,
)

ACTS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"})
NASTY = (
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\r",
    "\n",
    "\t",
    "\0",
    "\x7f",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\u2028",
    "\ud800",
    "\U000e0041",
    "$(id)",
    "`id`",
    "${HOME}",
    "$HOME",
    "!!",
    "!x",
    "'",
    '"',
    "\\",
    "%s",
    "%n",
    "-n",
    "--help",
    "~",
    "*",
    ";",
    "&",
    "|",
    "<b>",
    "</script>",
    "&lt;",
    "]]>",
    "[a](javascript:x)",
    "![i](u)",
    "@everyone",
    "#1",
    "# h",
    "```",
    "1. a",
    "é雪",
    " ",
)
TEXT = st.lists(st.sampled_from(NASTY) | st.text(max_size=4), max_size=8).map("".join)
SHELLS = [found for name in ("bash", "sh") if (found := shutil.which(name))]


def values(shell: str, line: str) -> list[bytes]:
    """The words that a shell gives to a command."""
    done = subprocess.run(
        [shell, "-c", f"printf '%s\\0' {line}"],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == b""
    return done.stdout.split(b"\0")[:-1]


@given(TEXT)
def test_what_is_shown_holds_nothing_that_acts(text: str) -> None:
    for made in (shown(text), quoted(text), markdown(text), code_span(text), shell_line("x", text)):
        assert not [c for c in made if unicodedata.category(c) in ACTS], made
    assert not [c for c in shown_lines(text) if c != "\n" and unicodedata.category(c) in ACTS]


@given(TEXT, st.integers(1, 40))
def test_what_is_shown_is_bounded_and_plain_text_is_itself(text: str, most: int) -> None:
    assert len(shown(text, most)) <= most
    assert len(shown_lines(text, most)) <= most
    plain = "".join(c for c in text if " " <= c <= "~")
    assert shown(plain) == plain


def test_a_long_text_is_cut_without_being_read_whole() -> None:
    assert shown("a" * 10**7, 10) == "a" * 9 + "…"
    assert shown("\x1b" * 10**6, 10) == "\\x1b\\x1b\\…"
    assert shown_lines("\n" * 5000).endswith("more lines")
    assert shown(12) == "12"


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=60, derandomize=True)
@given(words=st.lists(TEXT, min_size=1, max_size=6))
def test_a_shell_reads_each_word_as_it_was(shell: str, words: list[str]) -> None:
    if not shell.endswith("bash"):
        words = [word.rstrip("\n\0") for word in words]
    wanted = [w.replace("\0", "").encode("utf-8", "replace") for w in words]
    assert values(shell, shell_line(*words)) == wanted


def test_an_interactive_shell_expands_no_history_in_a_word() -> None:
    """It would do so inside double quotes, and bash reads single quotes in them as text."""
    word = quoted("!-1 !! x\x1b")
    line = f"printf '%s' {word}\n"
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-i"],
        input=f"set -H\n{line}".encode(),
        env={"PATH": "/usr/bin:/bin", "HISTFILE": ""},
        capture_output=True,
        timeout=60,
    )
    assert done.stdout == b"!-1 !! x\x1b"


@given(TEXT)
def test_markdown_has_no_mark_and_no_tag_left(text: str) -> None:
    made = markdown(text)
    bare = re.sub(r"\\[!-/:-@\[-`{-~]|&(?:amp|lt|gt|#\d+);", "", made)
    assert not set(bare) & set("\\`*[]|~#<>&@"), made
    assert not re.match(r"\s*(?:[-+=]|\d+[.)])", bare if bare == made else made), made


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)


@given(TEXT)
def test_a_code_span_ends_where_it_is_meant_to(text: str) -> None:
    made = code_span(text)
    fence = made[: len(made) - len(made.lstrip("`"))]
    inside = made[len(fence) : -len(fence)]
    assert made.endswith(fence)
    assert fence not in re.findall("`+", inside)
    assert inside.strip(" ") == shown(text).strip(" ")
    assert fence_for(text) not in text
