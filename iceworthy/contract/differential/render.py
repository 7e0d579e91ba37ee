"""A comparison as text: a report for people, and the lines of findings."""

from __future__ import annotations

from collections.abc import Iterator

from iceworthy.contract.differential.compare import Compared, Ruled

ORDER = ("wrong", "undecided", "allowed")


def report(compared: Compared) -> str:
    """The whole report, the target's faults first."""
    found = compared.search
    lines = [
        f"{compared.target} beside the reference {compared.reference}, seed {compared.bounds.seed}",
        f"{found.steps} steps in {found.sequences} sequences over {len(compared.operations)} "
        f"operations, {found.all_steps} with shrinking, {found.seconds:.0f} s"
        + (f"; {found.stopped}" if found.stopped else ""),
    ]
    for verdict in ORDER:
        of_it = [one for one in compared.ruled if one.ruling.verdict == verdict]
        lines.append(f"{len(of_it)} {verdict}")
        for one in sorted(of_it, key=lambda one: str(one.cause.shown.signature)):
            lines += _lines_of(one)
    return "\n".join(lines)


def headline(one: Ruled) -> str:
    """A cause in one line."""
    signature, differs = one.cause.shown.signature, one.cause.shown.differs
    special = ", ".join(sorted(one.cause.shown.step.traits)) or "nothing special"
    shown = "" if signature.shown_by == "answer" else f", seen by {signature.shown_by}"
    where = f" {signature.path}" if signature.path else ""
    return (
        f"{signature.operation} ({special}){shown}: {signature.kind}{where}: "
        f"reference {differs.ours}, target {differs.theirs}"
    )


def script(lines: tuple[str, ...]) -> str:
    """The curl lines as one text, for a shell."""
    return "\n".join(lines)


def _lines_of(one: Ruled) -> Iterator[str]:
    cause = one.cause
    shrunk = f"{len(cause.sequence)} steps" + ("" if cause.shrunk else ", not shrunk")
    yield f"- {headline(one)}  [{shrunk}; {cause.times} times]"
    yield f"    {one.ruling.words}"
    yield from (f"    target:    {line}" for line in one.target_lines)
    yield from (f"    reference: {line}" for line in one.reference_lines)
