"""The contract's part of an experiment's section: operations, broken cases, all cases.

Claim: every line of cases.jsonl is on the page. Each broken case is shown with the specification's
words, the expected answer, the actual answer, and a curl line that repeats the request. Remarks
(lawful by another reading of the words) are listed apart from what is broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.criteria._cases import results_of_cases
from analysis.criteria.contract_operations import misshapen
from analysis.pasted_lines import portable, runnable
from analysis.report_html import badge, command, count, esc, fold, pairs, table
from analysis.run import Run
from iceworthy.record.contract_lines import AdvertisedOperation, CaseResult
from iceworthy.words.finding import Finding
from iceworthy.words.foreign import quoted, shell_line, shown

BADGE = {
    "holds": "pass",
    "broken": "fail",
    "skipped": "later",
    "unknown": "unknown",
    "remark": "later",
}
ORDER = {"broken": 0, "unknown": 1, "remark": 2, "skipped": 3, "holds": 4}
WORDS = {"skipped": "does not apply", "unknown": "not decided"}
BROKEN, REMARK = "broken", "remark"
MISSHAPEN_MOST = 40
SAID_MOST = 160  # in the list of all cases; a broken case is shown whole above it


def contract(run: Run, findings: Sequence[Finding] = ()) -> str:
    """HTML of operations and cases; "" where no case was tried. findings: those of the review; what
    one of them says of a case stands there alone."""
    cases = results_of_cases(run)
    if not cases:
        return ""
    elsewhere = _Elsewhere.by(findings)
    parts = _operations(run, cases) + _broken(run, cases, elsewhere) + _misshapen(run)
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
    passing = sum(1 for row in rows if row[0] == badge("pass"))
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
    found = [one for one in cases if one.ended == REMARK]
    if not found:
        return ""
    inside = "".join(
        fold(f"<code>{esc(one.case)}</code> {esc(one.got)}", _one(run, one)) for one in found
    )
    title = f"{len(found)} remarks: lawful by another reading of the words"
    return fold(title, inside)


def _broken(run: Run, cases: Sequence[CaseResult], elsewhere: Mapping[str, _Elsewhere]) -> str:
    found = [one for one in cases if one.ended == BROKEN]
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
        inside = _one(run, ones[0], elsewhere.get(ones[0].case))
        for one in ones[1:]:
            like = _Elsewhere.above(ones[0]).with_that_of(elsewhere.get(one.case))
            inside += fold(f"<code>{esc(one.case)}</code>", _one(run, one, like))
        parts.append(fold(title, inside))
    return f'<div class="searched">{"".join(parts)}</div>'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Elsewhere:
    """What is said of a case elsewhere on the page: texts and lines to paste. where: links to it;
    has_command: whether a command that asks this case stands there."""

    texts: frozenset[str]
    where: str = ""
    has_command: bool = False

    @classmethod
    def above(cls, one: CaseResult) -> _Elsewhere:
        """What stands with the first case of the same name, whose command runs both."""
        return cls(texts=frozenset(text for _, text in _facts(one)), has_command=True)

    @classmethod
    def by(cls, findings: Sequence[Finding]) -> dict[str, _Elsewhere]:
        """The name of each case that a finding tells of -> what the first such finding says."""
        found: dict[str, _Elsewhere] = {}
        for number, one in enumerate(findings, 1):
            place = f"{one.words} ({one.place})" if one.place else one.words
            lines = (request.curl for request in one.requests)
            link = f'<a href="#finding-{number}">finding {number}</a>'
            for name in one.shown_by:
                texts = frozenset((name, one.expected, place, one.got, *lines))
                asks = quoted(name) in one.again
                found.setdefault(name, cls(texts=texts, where=link, has_command=asks))
        return found

    def with_that_of(self, other: _Elsewhere | None) -> _Elsewhere:
        """The two together."""
        if other is None:
            return self
        return replace(self, texts=self.texts | other.texts, where=other.where)


def _one(run: Run, one: CaseResult, elsewhere: _Elsewhere | None = None) -> str:
    """One case: the specification's words, the answer, and the command that repeats it, but for
    what stands elsewhere."""
    known = elsewhere.texts if elsewhere else frozenset()
    rows = [(name, text) for name, text in _facts(one) if text and text not in known]
    cells = [(name, esc(text)) for name, text in rows]
    if elsewhere and elsewhere.where:
        cells.insert(0, ("see", elsewhere.where))
    asks = portable(one.request)
    again = "" if elsewhere and elsewhere.has_command else command(runnable(_again(run, one.case)))
    facts = pairs(cells)
    return facts + ("" if asks in known else command(asks)) + again


def _facts(one: CaseResult) -> list[tuple[str, str]]:
    return [
        ("case", one.case),
        ("operation", one.about),
        ("the contract", f"{one.says} ({one.place})" if one.place else one.says),
        ("expected", one.expected),
        ("got", one.got),
    ]


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
    """Every case but those that stand above: a table for each ending. Cases of which the same is
    said are one row."""
    ended: Counter[str] = Counter(one.ended for one in cases)
    parts = []
    for how in (one for one in ORDER if ended[one] and one not in (BROKEN, REMARK)):
        groups: dict[tuple[str, ...], list[str]] = {}
        for one in (one for one in cases if one.ended == how):
            said = shown(one.got or one.says or "", SAID_MOST)
            key = (one.about, one.requirement, said)
            groups.setdefault(key, []).append(one.case)
        rows = [
            (esc(_together(names)), esc(about), esc(requirement), esc(said))
            for (about, requirement, said), names in groups.items()
        ]
        heads = ("case", "operation", "requirement", "the contract, or why not")
        title = f"<h4>{badge(BADGE[how])} {ended[how]} {esc(WORDS.get(how, how))}</h4>"
        parts.append(title + table(heads, rows, wide=(0, 3), kind="searched"))
    counts = ", ".join(f"{ended[key]} {WORDS.get(key, key)}" for key in ORDER if ended[key])
    return fold(f"every case: {len(cases)} ({counts})", "".join(parts))


def _together(names: Sequence[str]) -> str:
    """Names of cases, those that differ in their value alone once: "a.b [c] [d]"."""
    values: dict[str, list[str]] = {}
    for one in names:
        name, _, value = one.partition("[")
        values.setdefault(name, []).extend([f"[{value}"] if value else [])
    return ", ".join(" ".join((name, *found)) for name, found in values.items())
