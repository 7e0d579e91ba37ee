"""Lines that a reader pastes: to a catalog that is up, from any folder.

Claim: a curl line of a report goes to the address in the variable CATALOG, not to a port of the run
that is gone; lines to a second node go to CATALOG_2. A command of the suite begins with a program
that is found: `iceworthy` where it is on PATH, else the whole path of the running one.
What it does NOT show: that the catalog holds what the line asks for; `iceworthy reproduce` makes
the scene.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from iceworthy.record.verdicts import ReviewVerdicts
from iceworthy.words.finding import Finding, Request
from iceworthy.words.foreign import quoted, shell_line, shown
from iceworthy.words.verdict import Judgement

CATALOG = "CATALOG"
WHOLE = "report.md"
AT_ONCE = "curl -Z --parallel-immediate --no-progress-meter"
PREFIX = "PREFIX"
COMMAND = "iceworthy"
FIRST_STEPS = 4  # after these the scene says how much of it is left out
# The word of a curl line that begins with an address: plain, or quoted as `quoted` does it.
_HOST = r"https?://(?:(?:\[|\\133)[0-9a-fA-F:.]+(?:\]|\\135)|[^/?'\"\s:]+)(?::\d+)?"
_ADDRESS = re.compile(rf"(?<= )('|\"\$\(printf ')?({_HOST})")
_QUOTED = re.compile(r"""'[^']*'|"((?:\\.|[^"\\])*)"|\\.""")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")


def to_the_catalog(requests: Iterable[Request]) -> tuple[Request, ...]:
    """The requests with `"$CATALOG"` in place of the address of the first node in their curl lines,
    and `"$CATALOG_2"` in place of the second's."""
    variables: dict[str, str] = {}
    return tuple(replace(one, curl=_lines(one.curl, variables)) for one in requests)


def portable(curl: str) -> str:
    """One or more curl lines with `"$CATALOG"` in place of the address."""
    return _lines(curl, {})


def moments(requests: Iterable[Request]) -> list[tuple[str, tuple[Request, ...]]]:
    """The requests as they are sent: each line to paste, with the requests that it sends. Those of
    which each line but the last ends with "&" are sent by one curl: a shell starts programs
    milliseconds apart, and one curl sends all within a fraction of that."""
    found: list[tuple[str, tuple[Request, ...]]] = []
    together: list[Request] = []
    for one in requests:
        together.append(one)
        if one.curl.endswith(" &"):
            continue
        found.append((_sent_together(together), tuple(together)))
        together = []
    return found + [(each.curl.removesuffix(" &"), (each,)) for each in together]


def _sent_together(requests: Sequence[Request]) -> str:
    if len(requests) == 1:
        return requests[0].curl
    lines = (one.curl.removesuffix(" & wait").removesuffix(" &") for one in requests)
    return f"{AT_ONCE} {' --next '.join(line.removeprefix('curl ') for line in lines)}"


def variables_in(requests: Iterable[Request]) -> tuple[str, ...]:
    """The shell variables that curl lines need, each once; those of addresses come first."""
    found = [
        name
        for one in requests
        for name in _VARIABLE.findall(_QUOTED.sub(_read_by_the_shell, one.curl))
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda name: not name.startswith(CATALOG)))


def _read_by_the_shell(found: re.Match[str]) -> str:
    """What of a quoted part can hold a variable: the inside of double quotes."""
    return re.sub(r"\\.", "", found[1] or "")


def runnable(line: str) -> str:
    """A command line of the suite as it runs in any shell of this machine."""
    head, _, rest = line.partition(" ")
    if head != COMMAND or shutil.which(COMMAND):
        return line
    return f"{_program()} {rest}".strip()


def _program() -> str:
    """The running program, as words of a shell."""
    beside = Path(sys.executable).absolute().with_name(COMMAND)
    if os.access(beside, os.X_OK):
        return quoted(beside)
    return shell_line(sys.executable, "-m", COMMAND)


def _lines(curl: str, variables: dict[str, str]) -> str:
    return "\n".join(_line(line, variables) for line in curl.split("\n"))


def _line(line: str, variables: dict[str, str]) -> str:
    """A line with its address as a variable, and those of the questions within it."""
    if not line.startswith("curl "):
        return line
    first, *inside = line.split("$(curl ")
    return "$(curl ".join(
        [_address(first, variables), *(_address(f" {one}", variables)[1:] for one in inside)]
    )


def _address(line: str, variables: dict[str, str]) -> str:
    found = _ADDRESS.search(line)
    if found is None:
        return line
    number = len(variables) + 1
    address = found[2].replace("\\133", "[").replace("\\135", "]")
    name = variables.setdefault(address, CATALOG if number == 1 else f"{CATALOG}_{number}")
    return f'{line[: found.start()]}"${name}"{found[1] or ""}{line[found.end() :]}'


def needs_text(requests: Sequence[Request], needs: Sequence[str]) -> str:
    """What the lines of a finding need, in words; "" for nothing."""
    variables = variables_in(requests)
    nodes = [name for name in variables if name.startswith(CATALOG)]
    others = [name for name in variables if not name.startswith((CATALOG, PREFIX))]
    said = []
    if nodes:
        said.append(f"{' and '.join(nodes)}: a node's address, such as http://127.0.0.1:8181")
    if PREFIX in variables:
        said.append(f"{PREFIX}: what /v1/config names so, if it does")
    if others:
        said.append(f"for curl: {', '.join(others)}")
    if needs:
        said.append(f"for {COMMAND}: {', '.join(needs)}")
    return "; ".join(said)


def steps(one: Finding, most: int, most_in_all: int = sys.maxsize, where: str = WHOLE) -> list[str]:
    """The sequence of a finding's requests, each as a line to paste. A line of more characters than
    these is left to `where`, a file. A request of the history, which keeps no whole body, has its
    answer behind it."""
    said: list[str] = []
    for curl, (each, *_) in moments(one.requests):
        asked = " ".join((each.method, each.path, each.body)).strip()
        lines = curl.split("\n") if curl else [f"{asked}  → {each.answer}"]
        for line in map(shown, lines):
            is_short = len(line) <= min(most, most_in_all)
            said.append(line if is_short else f"# {each.method}: the line is in {where}")
            most_in_all -= len(line)
    if one.left_out:
        said.insert(FIRST_STEPS, f"# {left_out_of(one)}")
    return said


def left_out_of(one: Finding) -> str:
    """How much of the sequence is left out, and where it is."""
    return f"and {one.left_out:,} requests more, which {COMMAND} reproduce prints"


def smaller_command(findings: Iterable[Finding], verdicts: ReviewVerdicts, root: Path) -> str:
    """The command that tries the worst failure of a load again and makes it smaller; "" where no
    finding of a failed requirement names operations of a history. Example: `iceworthy reproduce
    results/20261128T000000Z-reference-1 FR-004`."""
    failed = {one.id for one in verdicts.requirements if one.verdict is Judgement.FAIL}
    for one in findings:
        name = next(filter(failed.__contains__, one.requirements), "")
        if one.operations and name:
            return runnable(shell_line(COMMAND, "reproduce", root, name))
    return ""
