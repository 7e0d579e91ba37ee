"""A finding: one defect of the target, however often and by however many judges it was seen.

Claim: two failures with equal causes are one finding. For example, two cases of the contract that
both expected 404 from loadTable and got 500, and a fuzzed request that got the same 500, make one
finding with count 3.
What it does NOT show: that two findings have different causes in the target's code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from iceworthy.words.blame import EvidenceKind

REQUESTS_MOST = 12
OPERATIONS_MOST = 20
INSTANCES_MOST = 20


class Harm(StrEnum):
    """What a defect does to those who use the catalog, worst first, by what was seen.

    LOST: acknowledged data are gone, changed or not readable. TORN: there is what nobody committed:
    half a transaction, a second winner. UNGUARDED: compare-and-set, uniqueness or emptiness is not
    checked. UNAVAILABLE: no answer, an error or a refusal for what is lawful. CLIENTS: an answer
    that a client acts on wrongly. SHAPE: form alone.
    """

    LOST = "data lost"
    TORN = "data torn"
    UNGUARDED = "data not guarded"
    UNAVAILABLE = "unavailable"
    CLIENTS = "clients break"
    SHAPE = "shape"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Harm).index(self)

    @property
    def group(self) -> int:
        """0 for data that are lost or torn, then 1, 2, 3, 4."""
        return max(0, self.rank - Harm.TORN.rank)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cause:
    """The facts that two failures of one cause share; the same in every run.

    rule: the judge or the kind of problem ("cas_exclusivity", "schema", "status"). operation: its
    operationId. expected, given: statuses, or values, as text. path: the first JSON path that
    differs. detail: a further word that distinguishes two causes of one rule. Each may be "".
    """

    rule: str
    operation: str = ""
    expected: str = ""
    given: str = ""
    path: str = ""
    detail: str = ""

    @property
    def key(self) -> str:
        """The cause as one line, equal for equal causes: "status loadTable 404 -> 500"."""
        change = f"{self.expected} -> {self.given}" if self.expected or self.given else ""
        parts = (self.rule, self.operation, change, self.path, self.detail)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that shows the finding, and the answer to it. curl: a line that sends it again, to
    the node whose address is in the variable CATALOG (of a second node: CATALOG_2).

    Of an operation of the history the path may hold `{prefix}` (in curl: the variable PREFIX).
    Where the history keeps too little to send it again, body is what it keeps, and curl is "".
    A curl that ends with "&" is sent together with the next. path: with its query.
    headers: (name, value), with a shell variable's name in place of each secret.
    """

    method: str
    path: str
    body: str
    curl: str
    answer: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One defect.

    title: the defect in one line. expected: the answer or state that a rule demands; words: that
    rule, as the specification or the requirement has it; place: where it stands
    ("updateTable.responses.409"), "" where it is a requirement of this suite. got: the answer or
    state of the first failure. requests: the shortest sequence that is known to show it, of which
    the last request decides; left_out: how many more there were before that. optional: whether it
    is about an operation that the document's default list of endpoints does not have (views, scan
    plans). operations: ids of the history ("load-0:17") of one experiment, recorded_in. writes:
    operationIds of the acknowledged writes that are lost; empty where none is known to be.
    requirements: ids that it breaks. experiments: where it was seen; shown_by: judges and cases
    that saw it. again: the command that runs it again, or makes its scene; needs: environment
    variables that this command reads. count: failures. first_ns, last_ns: monotonic instants of the
    first and the last of the failures that are shown; None where they have none. since: when the
    first was, in words, where there was a load. rests_on: the kind of all its evidence; None where
    that is not known.
    """

    cause: Cause
    title: str
    expected: str = ""
    words: str = ""
    place: str = ""
    got: str = ""
    harm: Harm = Harm.CLIENTS
    optional: bool = False
    requests: tuple[Request, ...] = ()
    left_out: int = 0
    operations: tuple[str, ...] = ()
    recorded_in: str = ""
    writes: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()
    again: str = ""
    needs: tuple[str, ...] = ()
    count: int = 1
    first_ns: int | None = None
    last_ns: int | None = None
    since: str = ""
    rests_on: EvidenceKind | None = None


def grouped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for each cause, worst first: data lost or torn, data not guarded,
    unavailability, clients that break, shape; in each of these the operations of every catalog
    before the optional ones, then the more failures.
    """
    by_cause: dict[Cause, Finding] = {}
    for one in findings:
        known = by_cause.get(one.cause)
        by_cause[one.cause] = one if known is None else joined(known, one)
    return tuple(sorted(by_cause.values(), key=_worst_first))


def _worst_first(one: Finding) -> tuple[int, bool, int, int, str]:
    return (one.harm.group, one.optional, -one.count, one.harm.rank, one.cause.key)


def joined(one: Finding, other: Finding) -> Finding:
    """Both as one finding with words, requests and command of the first, or of the other where its
    harm is worse; the counts are added. Operations of another experiment are left out.
    """
    if other.harm.rank < one.harm.rank:
        one, other = other, one
    firsts = [at for at in (one.first_ns, other.first_ns) if at is not None]
    lasts = [at for at in (one.last_ns, other.last_ns) if at is not None]
    shows = one if one.requests else other
    recorded = one if one.operations else other
    alike = [each for each in (one, other) if each.recorded_in == recorded.recorded_in]
    named = [each for both in alike for each in both.operations]
    return replace(
        one,
        optional=one.optional and other.optional,
        requests=shows.requests,
        left_out=shows.left_out,
        operations=tuple(dict.fromkeys(named))[:OPERATIONS_MOST],
        recorded_in=recorded.recorded_in,
        writes=tuple(sorted({*one.writes, *other.writes})),
        requirements=tuple(sorted({*one.requirements, *other.requirements})),
        experiments=tuple(dict.fromkeys((*one.experiments, *other.experiments))),
        shown_by=tuple(dict.fromkeys((*one.shown_by, *other.shown_by)))[:INSTANCES_MOST],
        count=one.count + other.count,
        first_ns=min(firsts, default=None),
        last_ns=max(lasts, default=None),
        rests_on=one.rests_on if one.rests_on is other.rests_on else None,
    )


def same_failure(known: Finding, again: Finding) -> Finding:
    """One failure that two judges saw: the requirements of both, counted once."""
    both = joined(known, again)
    return replace(both, count=max(known.count, again.count))
