"""Findings made of broken cases of the contract, by cause.

Claim: cases that fail alike make one finding, whatever they are called: the same operation was
answered the same wrong status with the same statement, or the same part of its effect is wrong.
Where most cases of a write are broken although it was acknowledged, all of these are one cause.
Example: createTable and createView both answer 200, and the name is then 404: one finding.
What it does NOT show: that one change in the target's code mends all of a finding's cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from analysis import findings_before as before
from analysis.causes import LOST_PROPERTY, NOT_THERE, UNDONE
from analysis.evidence_kinds import kind_of_case
from analysis.findings_of_requests import (
    DOCUMENTED,
    ERRORS,
    SILENCE,
    STATUS,
    not_documented,
    requests_of,
    server_error,
    undocumented,
)
from analysis.harm import (
    LISTING,
    NOT_FOUND,
    SERVER_ERRORS,
    changes,
    harm_of_refusal,
    harm_of_state,
    harm_of_status,
    is_optional,
    is_success,
    operation_asked,
)
from analysis.requirements import PROTECTED_BY
from analysis.statements import shortened, statement, template
from iceworthy.record.contract_lines import CaseResult
from iceworthy.words.finding import Cause, Finding, Harm
from iceworthy.words.foreign import shell_line

STATE = "state"
REFUSAL = "4xx"
ANY_REFUSAL = "a status 4xx"
ANY_SUCCESS = "a status 2xx"
MALFORMED = frozenset({400, 406, 422})
UNDONE_LEAST = 5
UNDONE_SHARE = 1 / 3
OWN_NAMES = frozenset({"namespace", "name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of the cases of an operation are broken although it was acknowledged. not_tried:
    how many more stand on such a case."""

    broken: int
    tried: int
    not_tried: int = 0


Undone = dict[str, Share]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A broken case, with its operations and statuses. asked: the operation that was answered."""

    line: CaseResult
    asked: str
    expected: tuple[int, ...]
    given: int

    @property
    def about(self) -> str:
        return self.line.about

    @property
    def wants_success(self) -> bool:
        return any(map(is_success, self.expected)) or self._wants(ANY_SUCCESS)

    @property
    def wants_refusal(self) -> bool:
        return self._wants(ANY_REFUSAL) or (bool(self.expected) and not self.wants_success)

    @property
    def is_state(self) -> bool:
        """Whether no status was wrong, but what the answer holds."""
        return not self.wants_success and not self.wants_refusal

    def _wants(self, status: str) -> bool:
        return not self.expected and self.line.expected.partition(":")[0] == status

    @property
    def may_be_refused(self) -> bool:
        """Whether a 4xx is expected, among others."""
        return any(ERRORS <= one < SERVER_ERRORS for one in self.expected)

    @property
    def is_listed(self) -> bool:
        """Whether a listing answers for what is not there any more: that is about the listing."""
        return self.is_read_back and self.asked.startswith(LISTING)

    @property
    def is_read_back(self) -> bool:
        return self.asked != self.about and changes(self.about) and not changes(self.asked)


def of_cases(broken: Iterable[CaseResult], every: Iterable[CaseResult]) -> list[Finding]:
    """The findings of broken cases; every: all lines of the run, which say what does hold.

    Those that show a wrong state come first: they say most of a common cause.
    """
    undone = undone_operations(every)
    seen = sorted(map(_seen, broken), key=lambda one: not one.is_state)
    return [_finding(one, undone) for one in seen]


def of_case(line: CaseResult, undone: Undone | None = None) -> Finding:
    """The finding of one broken case."""
    return _finding(_seen(line), undone or {})


def undone_operations(lines: Iterable[CaseResult]) -> Undone:
    """The writes of whose cases a third or more is broken although the write was acknowledged, and
    those whose smallest request is: other cases stand on it, and are not tried."""
    tried: Counter[str] = Counter()
    undone: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    stand: Counter[str] = Counter()
    lines = list(lines)
    stand_on = Counter(line.stands_on for line in lines if line.stands_on)
    for line in lines:
        if line.ended not in ("holds", "broken") or not changes(line.about):
            continue
        tried[line.about] += 1
        if line.ended == "broken":
            one = _seen(line)
            is_acknowledged = is_success(one.given) and not line.silent
            broken[line.about] += is_acknowledged
            undone[line.about] += is_acknowledged and not one.wants_success
            stand[line.about] += stand_on[line.case] if is_acknowledged and one.is_state else 0
    return {
        name: Share(broken=broken[name], tried=tried[name], not_tried=stand[name])
        for name, count in undone.items()
        if stand[name] or (count >= UNDONE_LEAST and count >= UNDONE_SHARE * tried[name])
    }


def _seen(line: CaseResult) -> _Seen:
    expected, given = (
        (line.expected_statuses, line.given) if line.given is not None else before.statuses(line)
    )
    sent = line.sent or before.sent(line.request)
    asked = operation_asked(sent.method, sent.path) if sent else ""
    return _Seen(line=line, asked=asked or line.about, expected=expected, given=given)


def _finding(one: _Seen, undone: Undone) -> Finding:
    line = one.line
    cause = _cause(one, undone)
    return Finding(
        cause=cause,
        title=_title(one, cause, undone),
        expected=line.expected,
        words=line.says,
        place=line.place,
        got=_got(line),
        harm=_harm(one),
        optional=is_optional(one.about),
        requests=requests_of(line, _got(line)),
        left_out=line.left_out,
        requirements=(*((line.requirement,) if line.requirement else ()), *line.touches),
        shown_by=(line.case,),
        again=shell_line("iceworthy", "reproduce", line.case),
        first_ns=line.t_ns or None,
        last_ns=line.t_ns or None,
        rests_on=kind_of_case(line),
    )


def _cause(one: _Seen, undone: Undone) -> Cause:
    line, about, asked = one.line, one.about, one.asked
    expected, given = one.expected, one.given
    if line.silent:
        return Cause(rule=SILENCE, operation=about)
    said = _statement(one) if one.wants_success else ""
    if error := server_error(asked, given, said):
        return error
    if not given:
        return Cause(rule="case", operation=about, detail=line.case.partition("[")[0])
    if about in undone and is_success(given):
        return Cause(rule=UNDONE, operation=about)
    if one.is_state:
        whose = "" if given >= ERRORS else about
        if one.is_read_back and about.startswith("create") and _label(line) in OWN_NAMES:
            return Cause(rule=NOT_THERE, given=str(NOT_FOUND))
        if _label(line).startswith("propert") and _harm(one) is Harm.LOST:
            return replace(LOST_PROPERTY, operation="" if about == "updateProperties" else about)
        return Cause(rule=STATE, operation=whose, path=_label(line))
    if one.is_read_back and given == NOT_FOUND and one.wants_success:
        made = about.startswith("create")
        return Cause(rule=NOT_THERE, operation="" if made else about, given=str(given))
    if one.wants_success and (other := undocumented(asked, given)):
        return other
    due = " or ".join(map(str, expected))
    if one.wants_refusal and is_success(given):
        due = REFUSAL if MALFORMED.issuperset(expected) else due
        if one.is_listed:
            return Cause(rule=STATUS, operation=asked, expected=due, given=str(given))
        read = f"read by {asked}" if one.is_read_back else ""
        return Cause(rule=STATUS, operation=about, expected=due, given=str(given), detail=read)
    return Cause(rule=STATUS, operation=asked, expected=due, given=str(given), detail=said)


def _title(one: _Seen, cause: Cause, undone: Undone) -> str:
    """The defect in one line: the operation, the claim of the case, the expected and the given
    status (of a wrong state the part that differs)."""
    about, asked, given = one.about, one.asked, one.given
    if cause.rule == SILENCE:
        return f"{about} never answers"
    if cause.rule == UNDONE:
        share = undone[about]
        if share.not_tried:
            others = f"{share.not_tried} cases that need it are not tried"
            return f"{about} acknowledges its smallest request and does not do it; {others}"
        return (
            f"{about} acknowledges what it does not do: {share.broken} of its {share.tried} cases"
        )
    due = f"expected {_due(one, cause)}, got {given}"
    if cause.rule == NOT_THERE and is_success(given):
        return f"{about} is acknowledged, and then {asked} shows it under another name"
    if cause.rule == NOT_THERE:
        return f"{about} is acknowledged, and then {asked} does not find it under its name: {due}"
    if one.is_state or cause.rule == "case":
        return f'{about or "the catalog"} breaks "{_claim(one)}"{_difference(one)}'
    said = f": {_statement(one)}" if one.wants_success and _statement(one) else ""
    answer = f'{due} ("{_claim(one)}"){said}'
    if 500 <= given <= 599:
        request = "a lawful request" if one.wants_success else "what must be refused"
        request = "a request" if one.wants_success and one.may_be_refused else request
        return f"{asked or 'a path'} answers {request} with a server error: {answer}"
    if cause.expected == DOCUMENTED:
        return not_documented(asked, given)
    if one.wants_success and not is_success(given):
        return f"{asked} refuses a lawful request: {answer}"
    if one.wants_success or not is_success(given):
        return f"{asked} answers another status: {answer}"
    if one.is_listed:
        return f"{asked} accepts what must be refused: {answer}"
    if one.is_read_back:
        return f'{about} breaks "{_claim(one)}": {asked} finds it, {due}'
    return f"{about} accepts what must be refused: {answer}"


def _claim(one: _Seen) -> str:
    """The claim of a case as words, with the instance that broke it: "a name is kept, slash"."""
    name, _, instance = one.line.case.rstrip("]").partition("[")
    claim = (name.partition(".")[2] or name).replace("_", " ")
    return f"{claim}, {instance}" if instance else claim


def _due(one: _Seen, cause: Cause) -> str:
    """The expected statuses; of a refusal with no status of its own the words of the line."""
    if one.expected:
        return " or ".join(map(str, one.expected))
    words = one.line.expected.partition(":")[0].removeprefix("a status ")
    return words if words in (REFUSAL, "2xx") else cause.expected


def _got(line: CaseResult) -> str:
    """The given part of the state; where the catalog gave none: "nothing"."""
    return "nothing" if line.got == "None" else line.got


def _difference(one: _Seen) -> str:
    """The part of the state that differs: ": property k: expected 1, got None"."""
    label, _, due = one.line.expected.partition(": ")
    if not due:
        return ""
    return f": {label}: expected {shortened(due)}, got {shortened(_got(one.line))}"


def _harm(one: _Seen) -> Harm:
    line, about, asked = one.line, one.about, one.asked
    if line.silent:
        return Harm.UNAVAILABLE
    if one.is_state:
        return _harm_of_state(one)
    if not one.given:
        return Harm.CLIENTS
    if one.wants_success and ERRORS <= one.given <= 499 and asked == about:
        return harm_of_refusal(about, line.sent.body if line.sent else "")
    expected = one.expected or ((200,) if one.wants_success else ())
    return harm_of_status(about, asked, expected, one.given)


def _harm_of_state(one: _Seen) -> Harm:
    """A state that no status shows. Where several writes are acknowledged of which one may be, the
    winners are in the answers of the write itself."""
    line, about, asked = one.line, one.about, one.asked
    writes = [
        each.status for each in line.before if operation_asked(each.method, each.path) == about
    ]
    refused = bool(writes) and writes[-1] >= ERRORS and not changes(asked)
    harm = harm_of_state(about, asked, one.given, _label(line), refused)
    if harm is Harm.CLIENTS and asked == about and changes(about) and is_success(one.given):
        return PROTECTED_BY.get(line.requirement, harm)
    return harm


def _statement(one: _Seen) -> str:
    sent = one.line.sent
    return statement(one.line.got, sent.path if sent else "")


def _label(line: CaseResult) -> str:
    """The part of the state that is wrong: "snapshot-log" of "snapshot-log: [1, 2]"."""
    return template(line.expected.partition(":")[0])
