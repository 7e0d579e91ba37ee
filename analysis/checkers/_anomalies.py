"""Collects the anomalies that a checker finds and makes one verdict of them.

Claim: every anomaly is counted, and the first few of each sort are shown as evidence. If a checker
found nothing to judge, its verdict is unknown, not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from analysis.criteria._ruling import EVIDENCE_MOST
from analysis.evidence_kinds import Sample, by_second
from analysis.harm import harm_of_judge
from analysis.history import History
from analysis.operation_words import anomaly_words
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.finding import Cause, Finding, Harm
from iceworthy.words.measure import Measure
from iceworthy.words.verdict import Judgement, Verdict

SHOWN_OF_A_SORT = 6
SORTS_SAID = 4


@dataclass(slots=True)
class Anomalies:
    """Anomalies by sort. A sort is a sentence that the report shows after its count.

    causes, harms: sort -> its cause, its harm, where they are not those of the judge. writes: sort
    -> operationIds of the acknowledged writes that are lost.
    """

    history: History
    counts: dict[str, int] = field(default_factory=dict)
    shown: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    times: dict[str, tuple[int, int]] = field(default_factory=dict)
    kinds: dict[str, set[EvidenceKind]] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    causes: dict[str, Cause] = field(default_factory=dict)
    harms: dict[str, Harm] = field(default_factory=dict)
    writes: dict[str, set[str]] = field(default_factory=dict)

    def add(
        self, sort: str, row: int, kind: EvidenceKind = EvidenceKind.CONTENT, /, **facts: Any
    ) -> None:
        """Count one anomaly at one operation; kind: of the evidence, for the guards."""
        sent_ns, done_ns = (
            int(self.history.ops[name][row]) for name in ("sent_ns", "completed_ns")
        )
        self.add_fact(sort, row, kind, (sent_ns, done_ns), **facts)

    def add_fact(
        self,
        sort: str,
        row: int | None = None,
        kind: EvidenceKind = EvidenceKind.CONTENT,
        span: tuple[int, int] = (0, 0),
        /,
        **facts: Any,
    ) -> None:
        """Count one anomaly, at an operation or (row None) at none; span: when it happened."""
        node = None if row is None else int(self.history.ops["node"][row])
        self.samples.append((kind, *span, node))
        self.counts[sort] = self.counts.get(sort, 0) + 1
        self.kinds.setdefault(sort, set()).add(kind)
        if row is not None:
            sent_ns = int(self.history.ops["sent_ns"][row])
            first, last = self.times.get(sort, (sent_ns, sent_ns))
            self.times[sort] = min(first, sent_ns), max(last, sent_ns)
        examples = self.shown.setdefault(sort, [])
        if len(examples) < SHOWN_OF_A_SORT:
            what = self.history.describe(row) if row is not None else {}
            examples.append({"problem": sort, **what, **facts})

    def add_all(
        self,
        sort: str,
        rows: Iterable[int],
        kind: EvidenceKind = EvidenceKind.CONTENT,
        /,
        **facts: Any,
    ) -> None:
        """Count one anomaly at each of these operations."""
        for row in rows:
            self.add(sort, int(row), kind, **facts)

    def lose(self, sort: str, row: int) -> None:
        """Note that an anomaly of this sort is the loss of an acknowledged write."""
        name = self.history.strings[self.history.ops["operation"][row]]
        self.writes.setdefault(sort, set()).add(name)

    def __bool__(self) -> bool:
        return bool(self.counts)

    def said(self) -> str:
        """The sorts with their counts, most frequent first: "3 × lost; 1 × seen twice"."""
        most = sorted(self.counts.items(), key=lambda item: -item[1])
        said = "; ".join(f"{count:,} × {sort}" for sort, count in most[:SORTS_SAID])
        return said + ("; and more" if len(most) > SORTS_SAID else "")

    def figure(self) -> Measure:
        """The most frequent sort, counted: "130 × a property is lost"."""
        sort, count = max(self.counts.items(), key=lambda item: item[1])
        return Measure(name="anomalies", value=count, unit=sort, shown="{value} × {unit}")

    def findings(self, judge: str) -> tuple[Finding, ...]:
        """One finding of the judge for each sort, with its first examples."""
        return tuple(
            Finding(
                cause=self.causes.get(sort, Cause(rule=judge, detail=sort)),
                title=sort,
                got=anomaly_words(self.history, self.shown[sort][0]),
                harm=self.harms.get(sort, harm_of_judge(judge)),
                writes=tuple(sorted(self.writes.get(sort, ()))),
                operations=tuple(
                    dict.fromkeys(op for one in self.shown[sort] for op in self._operations(one))
                ),
                shown_by=(judge,),
                count=count,
                first_ns=self.times.get(sort, (None, None))[0],
                last_ns=self.times.get(sort, (None, None))[1],
                rests_on=next(iter(self.kinds[sort])) if len(self.kinds[sort]) == 1 else None,
            )
            for sort, count in self.counts.items()
        )

    def _operations(self, example: dict[str, Any]) -> Iterator[str]:
        """Its operation, then the others that its facts name: {"op": …, "seen_by": "audit-0:3"}."""
        for value in example.values():
            if isinstance(value, str) and self.history.row_of(value) is not None:
                yield value

    def examples(self) -> list[dict[str, Any]]:
        """Examples of every sort in turn, so that a frequent sort does not crowd out a rare one."""
        lists = list(self.shown.values())
        return [
            examples[turn]
            for turn in range(SHOWN_OF_A_SORT)
            for examples in lists
            if turn < len(examples)
        ]


def conclude(
    name: str,
    problems: Anomalies,
    *,
    judged: int,
    good: str,
    bad: str,
    too_little: str,
    measures: tuple[Measure, ...] = (),
    facts: dict[str, Any] | None = None,
) -> Verdict:
    """FAIL if there is an anomaly; else UNKNOWN if `too_little` gives a reason; else PASS.

    good, bad: the reason's sentence for a pass and a fail; the counts of the anomalies follow
    `bad`.
    """
    notes = [facts] if facts else []
    if problems:
        judgement, reason = Judgement.FAIL, f"{bad}: {problems.said()}"
    elif too_little:
        judgement, reason = Judgement.UNKNOWN, too_little
    else:
        judgement, reason = Judgement.PASS, good
    evidence = (*notes, *problems.examples())[:EVIDENCE_MOST]
    if problems and not any(one.shown for one in measures):
        measures = (*measures, problems.figure())
    return Verdict(
        name=name,
        judgement=judgement,
        reason=reason,
        measures=measures,
        findings=problems.findings(name),
        evidence=evidence,
        judged=judged,
        grounds=by_second(problems.samples),
    )


def counted(number: int, noun: str, plural: str = "") -> str:
    """ "1 read", "1,204 reads"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
