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
from analysis.report_html import badge, command, count, esc, fold, table
from analysis.run import Run
from iceworthy.record.contract_lines import AdvertisedOperation, CaseResult
from iceworthy.words.foreign import shell_line

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


def contract(run: Run) -> str:
    """HTML of operations and cases; "" where no case was tried."""
    cases = results_of_cases(run)
    if not cases:
        return ""
    shown = _operations(run, cases) + _broken(run, cases) + _misshapen(run)
    return shown + _remarks(run, cases) + _all(cases)


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
    shown = table(heads, rows, right=(3, 4, 5, 6, 7))
    return f'<div class="whole">{title}{shown}</div>'


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
            inside += fold(f"<code>{esc(one.case)}</code>", _one(run, one))
        parts.append(fold(title, inside, listed=True))
    return "".join(parts)


def _one(run: Run, one: CaseResult) -> str:
    """One broken case: the specification's words, the answer, and the command that repeats it."""
    rows = [
        ("case", f"<code>{esc(one.case)}</code>"),
        ("operation", esc(one.about)),
        ("the contract", esc(f"{one.says} ({one.place})" if one.place else one.says)),
        ("wanted", esc(one.expected)),
        ("came", esc(one.got)),
    ]
    return table(("", ""), rows, wide=(1,)) + command(one.request) + command(_again(run, one.case))


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
            esc(problems) + fold("request", command(requests[0])),
        )
        for (name, status, problems), requests in groups.items()
    ]
    heads = ("operation", "status", "answers", "what is not as the schema says")
    shown = table(heads, rows[:MISSHAPEN_MOST], right=(1, 2), wide=(3,))
    left = len(rows) - MISSHAPEN_MOST
    more = f"<p>{left} more kinds are in cases.jsonl.</p>" if left > 0 else ""
    total = sum(map(len, groups.values()))
    return f"<h3>{total} answers are not as their schema says</h3>{shown}{more}"


def _all(cases: Sequence[CaseResult]) -> str:
    ended: Counter[str] = Counter(one.ended for one in cases)
    ranked = sorted(cases, key=lambda one: ORDER.get(one.ended, 1))
    rows = [
        (
            badge(BADGE.get(one.ended, "unknown")),
            f"<code>{esc(one.case)}</code>",
            esc(one.about),
            esc(one.requirement),
            esc(one.got or one.says or ""),
        )
        for one in ranked
    ]
    told = ", ".join(f"{ended[key]} {WORDS.get(key, key)}" for key in ORDER if ended[key])
    heads = ("", "case", "operation", "requirement", "the contract, or why not")
    return fold(f"every case: {len(cases)} ({told})", table(heads, rows, wide=(4,)))
