"""The contract's part of an experiment's section: operations, broken cases, all cases.

Claim: every line of cases.jsonl is on the page. Each broken case is shown with the specification's
words, the expected answer, the actual answer, and a curl line that repeats the request. Remarks
(lawful by another reading of the words) are listed apart from what is broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analysis.criteria._cases import results_of_cases
from analysis.criteria.contract_operations import misshapen
from analysis.pasted_lines import portable, runnable
from analysis.report_html import badge, command, count, esc, fold, table
from analysis.run import Run
from iceworthy.record.contract_lines import AdvertisedOperation, CaseResult
from iceworthy.words.foreign import shell_line, shown

BADGE = {
    "holds": "pass",
    "broken": "fail",
    "skipped": "later",
    "unknown": "unknown",
    "remark": "later",
}
ORDER = {"broken": 0, "unknown": 1, "remark": 2, "skipped": 3, "holds": 4}
WORDS = {"skipped": "does not apply", "unknown": "not decided"}
SHOWN_MOST = 60
MISSHAPEN_MOST = 40
SAID_MOST = 160  # in the list of all cases; a broken case is shown whole above it


def contract(run: Run) -> str:
    """HTML of operations and cases; "" where no case was tried."""
    cases = results_of_cases(run)
    if not cases:
        return ""
    parts = _operations(run, cases) + _broken(run, cases) + _misshapen(run)
    return parts + _remarks(run, cases) + _all(cases)


def _operations(run: Run, cases: Sequence[CaseResult]) -> str:
    wrong = misshapen(run)
    by_operation: dict[str, Counter[str]] = {}
    for one in cases:
        counts = by_operation.setdefault(one.about, Counter())
        counts[one.ended] += 1
    rows = []
    for offer in run.read(AdvertisedOperation):
        name = offer.operation
        counts = by_operation.get(name, Counter())
        rows.append(
            (
                badge(_state(offer, counts, name in wrong)),
                f"<code>{esc(offer.endpoint)}</code>",
                esc(name),
                count(counts["holds"]),
                count(counts["broken"]),
                count(counts["unknown"]),
                count(counts["skipped"]),
                count(len(wrong.get(name, []))),
            )
        )
    offered = sum(1 for one in run.read(AdvertisedOperation) if one.advertised)
    passing = sum(1 for row in rows if "badge pass" in row[0])
    heads = ("", "endpoint", "operation", "hold", "broken", "open", "n/a", "shape")
    title = f"<h3>{passing} of {offered} advertised operations pass</h3>"
    inside = table(heads, rows, right=(3, 4, 5, 6, 7))
    return f'<div class="whole">{title}{inside}</div>'


def _state(one: AdvertisedOperation, counts: Counter[str], is_misshapen: bool) -> str:
    if not one.advertised:
        return "later"
    if counts["broken"] or is_misshapen:
        return "fail"
    return "pass" if counts["holds"] and not counts["unknown"] else "unknown"


def _remarks(run: Run, cases: Sequence[CaseResult]) -> str:
    """What is not as usual, but lawful by another reading; it turns nothing red."""
    found = [one for one in cases if one.ended == "remark"]
    if not found:
        return ""
    inside = "".join(
        fold(f"<code>{esc(one.case)}</code> {esc(one.got)}", _one(run, one))
        for one in found[:SHOWN_MOST]
    )
    more = f" (the first {SHOWN_MOST} are shown)" if len(found) > SHOWN_MOST else ""
    title = f"{len(found)} remarks: lawful by another reading of the words{more}"
    return fold(title, inside)


def _broken(run: Run, cases: Sequence[CaseResult]) -> str:
    found = [one for one in cases if one.ended == "broken"]
    if not found:
        return ""
    groups: dict[str, list[CaseResult]] = {}
    for one in found:
        groups.setdefault(one.case.partition("[")[0], []).append(one)
    parts = [f"<h3>{len(found)} broken cases of {len(groups)} kinds</h3>"]
    for name, ones in groups.items():
        times = f" × {len(ones)}" if len(ones) > 1 else ""
        words = name.partition(".")[2].replace("_", " ")
        title = f"{badge('fail')} <b>{esc(words)}</b>{times} <code>{esc(name)}</code>"
        inside = _one(run, ones[0])
        for one in ones[1:SHOWN_MOST]:
            inside += fold(f"<code>{esc(one.case)}</code>", _one(run, one, ones[0]))
        parts.append(fold(title, inside))
    return "".join(parts)


def _one(run: Run, one: CaseResult, like: CaseResult | None = None) -> str:
    """One broken case: the specification's words, the answer, and the command that repeats it.
    like: the case above it; what both have in common is said there, and the command runs that case
    and each like it by its own name.
    """
    rows = [(name, text) for name, text in _facts(one) if text and text not in _texts(like)]
    cells = [(name, esc(text)) for name, text in rows]
    again = command(runnable(_again(run, one.case))) if like is None else ""
    return table(("", ""), cells, wide=(1,), kind="pairs") + command(portable(one.request)) + again


def _facts(one: CaseResult) -> list[tuple[str, str]]:
    return [
        ("case", one.case),
        ("operation", one.about),
        ("the contract", f"{one.says} ({one.place})" if one.place else one.says),
        ("expected", one.expected),
        ("got", one.got),
    ]


def _texts(one: CaseResult | None) -> set[str]:
    return {text for _, text in _facts(one)} if one is not None else set()


def _again(run: Run, name: str) -> str:
    """The command that runs this one case again."""
    plan = run.plan
    words = ("iceworthy", "run", "contract", "--case", name)
    lie = ("--lie", plan.lie) if plan.lie else ()
    return shell_line(*words, "--target", plan.target_name or "reference", *lie)


def _misshapen(run: Run) -> str:
    """Equal problems of an operation are one row, with the request of the first such answer."""
    groups: dict[tuple[str, int, str], list[str]] = {}
    for name, answers in misshapen(run).items():
        for answer in answers:
            key = (name, answer.status, "; ".join(answer.problems))
            groups.setdefault(key, []).append(answer.request)
    if not groups:
        return ""
    rows = [
        (
            f"<code>{esc(name)}</code>",
            count(status),
            count(len(requests)),
            esc(problems) + fold("request", command(portable(requests[0]))),
        )
        for (name, status, problems), requests in groups.items()
    ]
    heads = ("operation", "status", "answers", "what is not as the schema says")
    inside = table(heads, rows[:MISSHAPEN_MOST], right=(1, 2), wide=(3,))
    left = len(rows) - MISSHAPEN_MOST
    more = f"<p>{left} more kinds are in cases.jsonl.</p>" if left > 0 else ""
    total = sum(map(len, groups.values()))
    return f"<h3>{total} answers are not as their schema says</h3>{inside}{more}"


def _all(cases: Sequence[CaseResult]) -> str:
    """Cases that differ in their value alone ("name[value]") and ended alike are one row."""
    ended: Counter[str] = Counter(one.ended for one in cases)
    groups: dict[tuple[str, ...], list[str]] = {}
    for one in sorted(cases, key=lambda one: ORDER.get(one.ended, 1)):
        name, _, value = one.case.partition("[")
        said = shown(one.got or one.says or "", SAID_MOST)
        key = (one.ended, name, one.about, one.requirement, said)
        groups.setdefault(key, []).append(f"[{value}" if value else "")
    rows = [
        (
            badge(BADGE.get(how, "unknown")),
            f"<code>{esc(name)}</code> {esc(' '.join(values))}",
            esc(about),
            esc(requirement),
            esc(said),
        )
        for (how, name, about, requirement, said), values in groups.items()
    ]
    counts = ", ".join(f"{ended[key]} {WORDS.get(key, key)}" for key in ORDER if ended[key])
    heads = ("", "case", "operation", "requirement", "the contract, or why not")
    inside = table(heads, rows, wide=(1, 4), kind="searched")
    return fold(f"every case: {len(cases)} ({counts})", inside)
