"""The text of a target file: read within bounds, parsed, and the line of a key in it.

Claim: whatever stands at the path (a FIFO, a device, a gigabyte, 20,000 brackets), there is a table
or a PlanError that names the line, in bounded time.
Method: only a regular file is opened. tomllib keeps no lines, so the line of a key is looked up in
the text. What this does NOT show: the line of a key of an inline table; then its table's is named.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from iceworthy.words.errors import PlanError
from iceworthy.words.target import NodeSpec, TargetSpec

FILE_BYTES_MAX = 64 * 1024
NOT_THERE = frozenset({404, 405, 410})
NESTING_MAX = 64
SHOWN_MOST = 80
_PART = r"(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
_CHAIN = re.compile(rf"(?<![\w\"'.-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{NESTING_MAX}}}")
_DIGITS = re.compile(r"[0-9_]{4300,}")
_UNKNOWN_KEY = re.compile(r"unknown key '([^']+)' at (?:\[(\w+)\]|top level)")
_KEY = re.compile(r"([A-Za-z0-9_.\"'-]+)\s*=")
_PLACE = re.compile(r"\[(\w+)\](?: ([A-Za-z_]\w*)(?:\.(\w+))?)?")


def read_text(path: Path) -> str:
    """The text of a regular file of at most FILE_BYTES_MAX bytes of UTF-8."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise PlanError(f"target file {path} is no regular file; give a TOML file")
            raw = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise PlanError(f"target file {path} cannot be read: {error.strerror}") from error
    if len(raw) > FILE_BYTES_MAX:
        raise PlanError(
            f"target file {path} is larger than {FILE_BYTES_MAX} bytes; a target needs some lines"
        )
    try:
        return raw.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PlanError(
            f"target file {path}, line {line}: not UTF-8 text: {error.reason}; save it as UTF-8"
        ) from error


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """The table of a TOML text; PlanError with the line of the mistake."""
    if chain := _CHAIN.search(text):  # which takes the parser minutes
        line = text.count("\n", 0, chain.start()) + 1
        raise PlanError(
            f"target file {path}, line {line}: a key of more than {NESTING_MAX} parts; no key of a "
            "target takes that"
        )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"target file {path} is not valid TOML: {short(error, whole=True)}") from (
            error
        )
    except RecursionError as error:
        raise PlanError(
            f"target file {path}, line {_deepest(text)}: more than {NESTING_MAX} brackets inside "
            "each other; no key of a target takes that"
        ) from error
    except ValueError as error:  # an integer of more digits than Python reads
        found = _DIGITS.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 1
        raise PlanError(
            f"target file {path}, line {line}: a number of thousands of digits; no key of a target "
            "takes that"
        ) from error


def located(error: PlanError, path: Path, text: str) -> PlanError:
    """The same error with the line of the key that it names, where the text has it."""
    message = str(error)
    unknown = _UNKNOWN_KEY.search(message)
    if unknown:
        section, key, inner = unknown[2] or "", unknown[1], None
    else:
        place = _PLACE.search(message)
        if place is None:
            return error
        section, key, inner = place[1], place[2] or "", place[3]
    line = line_of(text, section, key, inner or "")
    return PlanError(message.replace(str(path), f"{path}, line {line}", 1)) if line else error


def line_of(text: str, section: str, key: str, inner: str = "") -> int:
    """The line of [section] key, else of the table that holds it, else 0. section "": key is at the
    top level; inner: a key of the table `key`."""
    table, header = "", 0
    full_key = f"{section}.{key}" if section else key
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip()
        if words.startswith("["):
            table = words.strip("[]").partition("]")[0].strip()
            if table == full_key or (table == section and not header):
                header = number
        elif "=" in words:
            name = words.partition("=")[0].strip().replace('"', "").replace("'", "")
            whole = f"{table}.{name}" if table else name
            if whole == (f"{full_key}.{inner}" if inner else full_key):
                return number
            if whole.startswith(f"{full_key}.") or (whole == section and not header):
                header = number
    return header


def lines_of_keys(text: str) -> dict[str, int]:
    """ "section.key" -> its line, of every key outside of inline tables."""
    table, found = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip()
        if words.startswith("["):
            table = words.strip("[]").partition("]")[0].strip()
        elif match := _KEY.match(words):
            name = match[1].replace('"', "").replace("'", "").strip()
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


def key_shown(spec: TargetSpec, section: str, key: str) -> str:
    """A key with its value and place: "[auth] scope = 'all' (line 7 of mine.toml)"."""
    value = short(getattr(getattr(spec, section), key))
    line = spec.lines.get(f"{section}.{key}")
    where = f"line {line} of {spec.name}.toml" if line else f"{spec.name}.toml does not set it"
    return f"[{section}] {key} = {value} ({where})"


def why_not_ready(spec: TargetSpec, status: int, refused: str = "") -> str:
    """The key that is most likely wrong where a node never became ready. status: what readiness
    answered last; 0: nothing. refused: why PostgreSQL refused the node's login, "" if it did not.
    """
    if refused:
        return (
            f"PostgreSQL refused its login: {refused}; are the database, user and password in "
            f"{key_shown(spec, 'node', 'command')} and [node.environment] those of {{db_name}}, "
            "{db_user} and {db_password}?"
        )
    if 300 <= status < 500:  # a redirect is not followed
        endpoint = key_shown(spec, "endpoints", "ready" if spec.endpoints.ready else "health")
        return f"readiness was answered {status} to the end; is {endpoint} right?"
    command = key_shown(spec, "node", "command")
    if status == 0:
        return (
            "nothing answered at the port that the suite gave it; does its program, "
            f"{command}, listen at {{host}} and {{port}}?"
        )
    return (
        f"readiness was answered {status} to the end; is {key_shown(spec, 'node', 'ready_s')} "
        f"long enough (the default is {NodeSpec().ready_s:g}), and are the settings in "
        f"{command} and [node.environment] right?"
    )


def why_absent(spec: TargetSpec, endpoint: str, status: int) -> str:
    """Why an endpoint that answers so may be a mistake of the file: the file itself names a path
    that is not there. "" for another status, and for the default path, which everybody expects."""
    is_named = f"endpoints.{endpoint}" in spec.lines
    if status not in NOT_THERE or not is_named:
        return ""
    return f"status {status} to the end: is {key_shown(spec, 'endpoints', endpoint)} right?"


def short(value: Any, *, whole: bool = False) -> str:
    """A value, or (whole) the text of an error, in one line of bounded length."""
    try:
        shown = " ".join(str(value).split()) if whole else repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits
        return f"a {type(value).__name__} too large to show"
    most = 3 * SHOWN_MOST if whole else SHOWN_MOST
    return shown if len(shown) <= most else f"{shown[:most]}…"


def _deepest(text: str) -> int:
    """The line at which brackets first stand too deep inside each other."""
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        for letter in line:
            depth += (letter in "[{") - (letter in "]}")
            if depth > NESTING_MAX:
                return number
    return 1


def why_it_ended(spec: TargetSpec) -> str:
    """The keys that may be wrong where a node's program ended by itself at the first start."""
    asked = f"is {key_shown(spec, 'node', 'command')} right, and does it stay in the foreground?"
    if spec.node.count > 1 and spec.node.start == "together":
        asked += ' If its nodes may not start together, write [node] start = "one by one"'
    return asked
