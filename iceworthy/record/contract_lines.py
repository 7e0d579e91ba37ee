"""Lines about the contract: what was advertised, tried, compared, and held against its schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from iceworthy.record.line import Line, renamed
from iceworthy.record.units import Ns, Seconds
from iceworthy.words.blame import EvidenceKind

# The names of format 1, where they were others.
_ANSWER_1 = {"came": "answer"}
_RESULT_1 = {"wanted": "expected", "came": "got", "expected": "expected_statuses"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRequest:
    """A request as it was sent, with a shell variable's name in place of each secret."""

    method: str
    """HTTP method."""
    path: str
    """Path and query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers by name, those of the login too; Accept is left out."""
    body: str = ""
    """Body as text; one beyond 4,000 bytes is cut, and ends in "…"."""
    curl: str = ""
    """The line that sends it again."""
    status: int = 0
    """Status of its answer, where it stands before the request that decided; else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCount(Line):
    """Answers of one operation and status, counted since this source's last line about them."""

    STREAM: ClassVar[str] = "answers"
    FORMAT: ClassVar[int] = 2

    t_ns: Ns
    """When the line was written."""
    source: str
    """survey, world-0, load-0, audit-0 or stepper."""
    operation: str
    """operationId of the specification."""
    status: int
    """HTTP status."""
    answers: int
    """Whole answers."""
    held: int
    """Of these, validated against their schema."""
    wrong: int
    """Of these, not as the schema says."""

    @classmethod
    def of_before(cls, facts: dict[str, Any], form: int) -> dict[str, Any]:
        return renamed(facts, {"came": "answers"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation(Line):
    """An answer that is not as its schema says, the first of each kind."""

    STREAM: ClassVar[str] = "violations"
    FORMAT: ClassVar[int] = 2

    t_ns: Ns
    """When it was seen."""
    source: str
    """As in answers."""
    node: int
    """The node that answered."""
    operation: str
    """operationId of the specification."""
    status: int
    """HTTP status."""
    kind: str = ""
    """What answers of one kind have in common."""
    problems: tuple[str, ...] = ()
    """What is wrong, in words, with JSON pointers."""
    request: str = ""
    """The request as a curl line."""
    sent: SentRequest | None = None
    """The request; null: in an older run."""
    answer: str = ""
    """First 400 characters of the answer."""

    @classmethod
    def of_before(cls, facts: dict[str, Any], form: int) -> dict[str, Any]:
        return renamed(facts, _ANSWER_1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedThing(Line):
    """One thing that survey, fuzzing or the building of the world tried, and whether it works."""

    STREAM: ClassVar[str] = "findings"
    FORMAT: ClassVar[int] = 2

    requirement: str
    """Identifier of the requirement that it counts for."""
    what: str
    """What was tried."""
    expected: str
    """What should have come."""
    got: str
    """The answer; where `works` is null: why nobody can tell."""
    request: str = ""
    """The request as a curl line."""
    works: bool | None = None
    """Whether it works; null: nobody can tell."""
    check: str = ""
    """Name of the check that tried it."""
    operation: str = ""
    """operationId that was tried; empty: none, or an older run."""
    kind: str = ""
    """What problems of one cause have in common."""
    times: int = 1
    """How often the problem was met."""
    expected_statuses: tuple[int, ...] = ()
    """Statuses that had to come; empty: something else decided."""
    given: int | None = None
    """Status of the answer; 0: no answer; null: in an older run."""
    sent: SentRequest | None = None
    """The request; null: none was sent, or in an older run."""
    seen_ns: tuple[Ns, ...] = ()
    """When the problem was met, at most the first 200 times; empty: in an older run."""

    @classmethod
    def of_before(cls, facts: dict[str, Any], form: int) -> dict[str, Any]:
        return renamed(facts, _RESULT_1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvertisedOperation(Line):
    """One operation of the specification, and whether the target advertises it."""

    STREAM: ClassVar[str] = "operations"

    operation: str
    """operationId of the specification."""
    endpoint: str
    """Method and path as /v1/config lists them."""
    phase: str = ""
    """namespaces, tables, views, scans or transactions; empty for others."""
    advertised: bool
    """Whether the target advertises it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misshapen:
    """An answer in a case that is not as its schema says."""

    operation: str = ""
    """operationId of the specification."""
    status: int = 0
    """HTTP status."""
    problems: tuple[str, ...] = ()
    """What is wrong, in words, with JSON pointers."""
    request: str = ""
    """The request as a curl line."""
    sent: SentRequest | None = None
    """The request; null: in an older run."""
    answer: str = ""
    """The beginning of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult(Line):
    """How one case of the contract ended."""

    STREAM: ClassVar[str] = "cases"
    FORMAT: ClassVar[int] = 2

    case: str
    """file.name of the case, with its label in brackets where it has some."""
    about: str = ""
    """operationId that the case is about."""
    requirement: str = ""
    """Identifier of the requirement that it counts for."""
    touches: tuple[str, ...] = ()
    """Other requirements that are refuted too where it is broken."""
    says: str = ""
    """The words of the contract."""
    place: str = ""
    """Where the contract says so: operationId.responses.404, schemas.NAME, RFC …; of what the
    document does not cover, the requirement's identifier."""
    ended: Literal["holds", "broken", "remark", "skipped", "unknown"]
    """remark: not as expected, but the words can be read either way, so nothing is judged by it;
    skipped: it does not apply to this target; unknown: nobody could decide it."""
    expected: str = ""
    """What should have come, where it is broken or a remark."""
    got: str = ""
    """The answer; of skipped and unknown: why."""
    stands_on: str = ""
    """The broken case because of which this one was not tried; empty: there is none."""
    left_to: str = ""
    """The case that a skipped one leaves its question to; empty: it has nothing to ask about."""
    silent: bool = False
    """Whether it shows that the operation never answers: asked twice, while others answered."""
    request: str = ""
    """The last request as a curl line."""
    expected_statuses: tuple[int, ...] = ()
    """Statuses that had to come, where it is broken by the status; else empty."""
    given: int | None = None
    """Status of the answer that decided; 0: no answer did; null: in an older run."""
    evidence: EvidenceKind | None = None
    """Kind of the evidence that it is broken or undecided by, where `given` does not say it
    (docs/judging.md, kinds of evidence); null: it does."""
    sent: SentRequest | None = None
    """The request that decided, else the last; null: none was sent, or in an older run."""
    before: tuple[SentRequest, ...] = ()
    """The requests that made what `sent` shows, in their order, at most 11; empty: none was needed,
    it is neither broken nor a remark, or in an older run."""
    left_out: int = 0
    """How many more of these requests there were."""
    schema: tuple[Misshapen, ...] = ()
    """Answers in it that are not as their schema says."""
    answers: int = 0
    """Answers that were validated against their schemas."""
    seconds: Seconds = 0.0
    """How long it took."""
    t_ns: Ns = 0
    """When it ended."""

    @classmethod
    def of_before(cls, facts: dict[str, Any], form: int) -> dict[str, Any]:
        line = renamed(facts, _RESULT_1)
        answers = facts.get("schema")
        if isinstance(answers, list):
            line["schema"] = [
                renamed(answer, _ANSWER_1) if isinstance(answer, dict) else answer
                for answer in answers
            ]
        return line


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Line):
    """One cause of a difference between the target and the reference catalog."""

    STREAM: ClassVar[str] = "differences"
    FORMAT: ClassVar[int] = 2

    what: str
    """The difference in words."""
    ruling: Literal["wrong", "allowed", "undecided"]
    """What the specification says of it."""
    says: str = ""
    """The words that rule."""
    operation: str = ""
    """operationId of the step that differs."""
    kind: str = ""
    """status, error-type, missing, extra, value or identity."""
    path: str = ""
    """Place in the body."""
    expected: str = ""
    """What the reference answered."""
    got: str = ""
    """What the target answered."""
    steps: int = 0
    """Length of the shortest sequence of operations that shows it."""
    shrunk: bool = False
    """Whether that sequence is known to be the shortest."""
    times: int = 0
    """How often it was met."""
    request: str = ""
    """The sequence as curl lines to the target."""
    reference: str = ""
    """The same to the reference."""
    expected_statuses: tuple[int, ...] = ()
    """Status of the reference, where the statuses differ; else empty."""
    given: int | None = None
    """Status of the target, where the statuses differ; 0: they do not; null: in an older run."""
    evidence: EvidenceKind | None = None
    """Kind of the evidence, by the statuses of both sides; null: in an older run."""
    seen_ns: Ns = 0
    """When the answers that show it arrived; 0: in an older run."""
    sent: SentRequest | None = None
    """The last request of the sequence, to the target; null: in an older run."""
    t_ns: Ns = 0
    """When it was written down."""

    @classmethod
    def of_before(cls, facts: dict[str, Any], form: int) -> dict[str, Any]:
        return renamed(facts, _RESULT_1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Line):
    """How much was compared with the reference: one line."""

    STREAM: ClassVar[str] = "comparison"

    steps: int
    """Operations sent to both, those of shrinking left out."""
    sequences: int = 0
    """Sequences of operations."""
    steps_with_shrinking: int = 0
    """Operations sent to both."""
    seconds: Seconds = 0.0
    """How long it took."""
    operations: tuple[str, ...] = ()
    """operationIds that were compared."""
    seed: int = 0
    """What the sequences follow from."""
    stopped: str = ""
    """Why it ended before its bounds; empty: it did not."""
