"""`python -m iceworthy.contract.differential TARGET`: compare a target with the reference catalog.

TARGET: the name or file of a target (it is started, and the reference beside it), or the URL of a
running catalog. Exit code: 0 if the contract decides no difference against the target, else 1.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from fixtures.stack.stack import open_stack
from iceworthy.client import gate
from iceworthy.contract.differential.compare import compare, oracle
from iceworthy.contract.differential.render import report
from iceworthy.contract.differential.search import Bounds
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.foreign import shown_lines
from iceworthy.words.seeded import new_token
from iceworthy.words.target import TargetSpec
from iceworthy.words.target_file import load_target


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(prog="python -m iceworthy.contract.differential")
    parser.add_argument("target")
    parser.add_argument("--reference", default="", help="a reference that runs; default: its own")
    parser.add_argument("--lie", default=None, help="of a target that is the reference")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--token", default="", help="of an earlier run, to send the same names")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--operations", nargs="*", default=(), help="operationIds; default: all")
    options = parser.parse_args()
    bounds = Bounds(
        seed=options.seed,
        steps=options.steps,
        seconds=options.seconds,
        operations=frozenset(options.operations),
    )
    with contextlib.ExitStack() as opened:
        work = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="differential-")))
        if "://" in options.target:
            spec, url = TargetSpec(name="target", summary="by its URL"), options.target
            opened.enter_context(gate.admitting({urlsplit(url).hostname or ""}))
        else:
            spec, folder = load_target(options.target), RunFolder(work / "target")
            live = opened.enter_context(open_stack(spec, folder, lie=options.lie, node_count=1))
            url = live.nodes[0].url
        if options.reference:
            opened.enter_context(gate.admitting({urlsplit(options.reference).hostname or ""}))
        reference = options.reference or opened.enter_context(oracle(work / "reference"))
        token = options.token or new_token(lives_on="://" in options.target or spec.lives_on)
        compared = compare(
            spec,
            url,
            reference,
            bounds=replace(bounds, token=token),
            tell=lambda line: _write(sys.stderr, line),
        )
        _write(sys.stdout, report(compared))  # print first: taking the target down may fail
    return 1 if compared.wrong else 0


def _write(where: TextIO, text: str) -> None:
    where.write(f"{shown_lines(text)}\n")
    where.flush()


if __name__ == "__main__":
    sys.exit(main())
