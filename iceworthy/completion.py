"""Completion of the command line for shells, made from the parser itself.

Claim: every verb, option and choice that `iceworthy --help` shows is completed, and the names of
content where an argument takes one (example: `iceworthy run cut_<TAB>`).
Method: shtab turns the parser into a script for the shell; before, the arguments that take a name
get the names as their choices, in a parser that parses nothing.
What this does NOT show: names that are added later; make the script anew. What follows a comma of
--only is not completed, nor the instance of a case (`a_case[this]`); files for --target are by bash
alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import shtab

from analysis.requirements import requirement_ids
from iceworthy import discovery
from iceworthy.command_line import MORE
from iceworthy.orchestrator.report_names import known_names
from iceworthy.words.limits import NAMES

FILES = frozenset({"baseline", "write_baseline", "junit"})
FOLDERS = frozenset({"folder", "results"})


def completion_text(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script that makes this shell (bash, zsh, fish) complete the parser's words."""
    for verb, action in _actions(parser):
        if names := _names(verb, action.dest):
            action.choices = sorted(names)
        if action.dest == "target" and shell == "bash":
            action.choices = [*sorted(names), *shtab.Optional.FILE]
        elif action.dest in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.dest in FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    return str(shtab.complete(parser, shell=shell))


def _names(verb: str, argument: str) -> set[str]:
    """The names that an argument takes; none where it takes other words."""
    if (verb, argument) == ("list", "kind"):
        return {*MORE, *(kind.plural for kind in discovery.KINDS.values())}
    if (verb, argument) == ("describe", "name"):
        return {*requirement_ids(), *_content(*discovery.KINDS)}
    if (verb, argument) == ("run", "scenario"):
        return _content("scenario", "experiment")
    if (verb, argument) == ("selftest", "names"):
        return _content("lie", "variant")
    if (verb, argument) == ("reproduce", "name"):
        return {*requirement_ids(), *_names(verb, "case")}
    if argument == "case":
        return {name.partition("[")[0] for name in known_names()} - {*NAMES}
    if argument == "only":
        return {*requirement_ids(), *_content("experiment")}
    if argument == "limit":
        return {f"{name}=" for name in NAMES}
    return _content(argument) if argument in ("experiment", "lie", "target") else set()


def _content(*kinds: str) -> set[str]:
    return {name for kind in kinds for name in discovery.names(kind)}


def _actions(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """(verb, argument) of every verb."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb, one in action.choices.items():
                for inner in one._actions:
                    yield verb, inner
