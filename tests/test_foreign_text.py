"""Foreign text is shown and quoted by iceworthy/words/foreign.py alone; outputs hold to that.

Method: syntax trees, and the functions of the command line that write.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator

import pytest

from iceworthy import cli, command_line, terminal
from iceworthy.orchestrator.progress import Progress
from tests.source_tree import code, imports, walked

FOREIGN = "iceworthy/words/foreign.py"
QUOTES = {FOREIGN}
SHELL_QUOTES = {"shlex.quote", "shlex.join"}
ESCAPES = {"analysis/report_html.py", "analysis/charts.py"}  # charts: JSON that a script reads
WRITES = {
    "iceworthy/terminal.py",
    "iceworthy/orchestrator/progress.py",
    "iceworthy/contract/differential/__main__.py",
}
# Programs of their own, whose text is their own.
NOT_THE_SUITE = (
    "fixtures/reference/",
    "fixtures/stack/toxiproxy_build.py",
    "scenarios/bench/",
    "analysis/bench.py",
)
# Where a line begins that is meant to be pasted.
PASTED = re.compile(rf"\biceworthy (?:{'|'.join(command_line.VERBS)})\b|\bcurl -")
MAKERS = {"quoted", "shell_line", "with_variables"}


def is_of_std(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "sys"
        and node.attr in {"stdout", "stderr", "__stdout__", "__stderr__"}
    )


def called(node: ast.AST) -> str:
    """The name of the function that a call calls; "" for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def unquoted(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Values put into a line to be pasted that no function has quoted."""
    for node in walked(tree):
        if not isinstance(node, ast.JoinedStr):
            continue
        line = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                line = (line + str(part.value)).rpartition("\n")[2]
            elif isinstance(part, ast.FormattedValue):
                if PASTED.search(line) and called(part.value) not in MAKERS:
                    yield node.lineno, ast.unparse(part.value)
                line += "x"


def test_lines_to_be_pasted_are_quoted() -> None:
    wrong = [
        f"{name}:{line} {what}: quote it with {FOREIGN}"
        for name, tree in code().items()
        for line, what in unquoted(tree)
        if not name.startswith(NOT_THE_SUITE)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('f"run: iceworthy judge {root}"', 1),
        ('f"run: iceworthy judge {quoted(root)}"', 0),
        ('f"iceworthy run {shell_line(a)} --seed {b}"', 1),
        ('f"{a}: iceworthy of\\n{b}"', 0),
    ],
)
def test_the_rule_of_pasted_lines_finds_them(text: str, found: int) -> None:
    assert len(list(unquoted(ast.parse(text)))) == found


def test_quoting_and_escaping_are_done_in_one_place() -> None:
    wrong = []
    for name, tree in code().items():
        for node in walked(tree):
            if isinstance(node, ast.Attribute) and name not in QUOTES:
                found = ast.unparse(node)
                wrong += [f"{name}:{node.lineno} {found}"] * (found in SHELL_QUOTES)
            if isinstance(node, ast.ImportFrom) and node.module == "shlex":
                wrong.append(f"{name}:{node.lineno} from shlex: import the module")
        wrong += [
            f"{name}:{line} {module}"
            for module, line in imports(tree)
            if module in {"html", "html.escape"} and name not in ESCAPES
        ]
    assert not wrong, "\n".join(wrong)


def test_only_the_outputs_write_to_the_terminal() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in code().items()
        if name not in WRITES and not name.startswith(NOT_THE_SUITE)
        for node in walked(tree)
        if called(node) == "print"
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"write", "writelines"}
            and is_of_std(node.func.value)
        )
    ]
    assert not wrong, "\n".join(wrong)


HOSTILE = "\x1b[2J\x1b[31m\r\u202e\x9b\x07 \u2028"
RAW = set("\x1b\r\u202e\x9b\x07\u2028")


def test_results_and_errors_show_what_would_act(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.tell(f"one\n{HOSTILE}")
    terminal.complain(f"two\n{HOSTILE}")
    terminal.warn(HOSTILE)
    out, err = capsys.readouterr()
    assert not RAW & set(out + err)
    assert "one\n\\x1b[2J" in out
    assert "two\n\\x1b[2J" in err


def test_so_does_the_progress() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream in (io.StringIO(), Terminal()):
        progress = Progress(stream)
        progress.say(HOSTILE)
        progress.live(HOSTILE)
        assert "\\x1b[2J" in stream.getvalue()
        assert not (RAW - {"\r"}) & set(stream.getvalue())


def test_an_error_of_a_verb_shows_what_would_act(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["review", "--target", HOSTILE]) == 64
    assert cli.main(["run", HOSTILE]) == 64
    assert cli.main([HOSTILE]) == 64
    out, err = capsys.readouterr()
    assert not RAW & set(out + err)
    assert sys.stdout is not None
