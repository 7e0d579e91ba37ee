"""Asks the contract's cases one after the other: all of them, or first those that are early.

Claim: cases.jsonl has one line for every case that was to be asked, also for a case that was
skipped or could not be decided, with the reason. A figure over the cases is therefore a figure over
all of them. Method: a case is skipped if its operation is not advertised or a capability is
missing. If the target stops answering, or the time is over, the remaining cases are unknown, with
that reason. If the plain request of an operation is refused, the cases that need it are not tried,
and name the case that shows it. A case that gets no answer to an operation is asked once more, with
a witness beside (silence.py); where that proves that the operation never answers, this is broken,
and no later case waits for that operation. What it does NOT show: behaviour under load.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from iceworthy.client.asker import Asked
from iceworthy.client.cleanup import sweep
from iceworthy.contract.capabilities import missing
from iceworthy.contract.case import Case, cases_of, subjects
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Broken, Needs, Skipped, Unanswered
from iceworthy.contract.foundations import setup_stands
from iceworthy.contract.inquiries import Inquired, InquiryPlan
from iceworthy.contract.opening import open_desk
from iceworthy.contract.phases import PHASE_OF
from iceworthy.contract.scene import Shortest
from iceworthy.contract.silence import beside, lives, patient
from iceworthy.record.contract_lines import AdvertisedOperation, CaseResult
from iceworthy.record.run_folder import RunFolder
from iceworthy.specification import OPERATIONS, advertised_name
from iceworthy.words.asked import fits, names_of_case
from iceworthy.words.blame import EvidenceKind
from iceworthy.words.errors import TargetError
from iceworthy.words.live import LiveTarget

CONTRACT_S_MAX = 420.0
SURVEY_S_MAX = 90.0
REQUEST_S_MAX = 10.0
SURVEY_REQUEST_S_MAX = 5.0
ALL_ENDPOINTS = "FR-001"
GONE_AFTER = 6  # after so many cases in a row without an answer, the target counts as gone
SILENT_MOST = 2
"""So many operations are waited for long enough to say that they never answer: where more are
silent, the node is not well, and each long wait would take time from the cases that can end."""
PROBLEMS_MOST = 6
TEXT_MOST = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEnding:
    """How a case ended: holds, broken, remark, skipped or unknown, with the reason. stands_on: the
    case that is broken, so that this one was not tried. left_to: as in Skipped. unanswered: the
    operation that got no answer. silent: whether it was shown never to answer. evidence: as in
    Broken."""

    ended: str
    expected: str = ""
    got: str = ""
    asked: Asked | None = None
    expected_statuses: tuple[int, ...] = ()
    given: int = 0
    stands_on: str = ""
    left_to: str = ""
    unanswered: str = ""
    silent: bool = False
    evidence: EvidenceKind | None = None


@dataclass(slots=True, kw_only=True)
class Asking:
    """One run over cases. fallen: operation -> the broken case that shows that its plain request is
    refused. silent: cases in a row that got no answer.
    """

    desk: Desk
    ends_at: float
    time_is_over: str
    fallen: dict[str, str] = field(default_factory=dict)
    silent: int = 0

    @property
    def goes_on(self) -> bool:
        """Whether there is time for another case."""
        return time.monotonic() <= self.ends_at

    def end(self, why: str) -> None:
        """Ask no more; all later cases are unknown, with this reason."""
        self.ends_at, self.time_is_over = float("-inf"), why

    def ask(self, one: Case) -> CaseEnding:
        """The ending of one case; a case after the end is unknown, with the true reason."""
        if self.silent >= GONE_AFTER:
            return CaseEnding(ended="unknown", got="the target stopped answering before this case")
        if time.monotonic() > self.ends_at:
            return CaseEnding(ended="unknown", got=self.time_is_over)
        found = run_case(self.desk, one, self.fallen)
        if found.ended == "broken" and one.founds and not setup_stands(self.desk, one.founds):
            self.fallen[one.founds] = one.full_name
        if found.unanswered:
            found = self._asked_again(one, found)
        gone = found.ended == "unknown" and found.got.startswith("no answer")
        self.silent = self.silent + 1 if gone else self.silent * (found.ended == "skipped")
        return found

    def _asked_again(self, one: Case, first: CaseEnding) -> CaseEnding:
        """The ending of a case whose operation got no answer: as it was, or broken."""
        name, asked = first.unanswered, first.asked
        if asked is None or len(self.desk.silent) >= SILENT_MOST:
            return first
        if time.monotonic() > self.ends_at or not lives(self.desk, asked):
            return first
        with patient(self.desk) as waited_s, beside(self.desk, asked) as seen:
            second = run_case(self.desk, one, self.fallen)
        if second.unanswered != name:
            return replace(first, got=f"{first.got}; asked again, it ended as {second.ended}")
        if not seen.proves:
            return replace(first, got=f"{first.got}, twice; of the others {seen}")
        self.fallen[name] = one.full_name
        self.desk.silent.add(name)
        return CaseEnding(
            ended="broken",
            expected=f"an answer to {name} within {waited_s:.0f} s on a quiet catalog",
            got=f"{second.got}, twice; meanwhile {seen}",
            asked=second.asked,
            unanswered=name,
            silent=True,
            evidence=EvidenceKind.SILENCE,
        )


def inquire(
    live: LiveTarget, folder: RunFolder, plan: InquiryPlan, *, early: bool = False
) -> Inquired:
    """Ask the cases. early: only those that are early, in a short time, as the survey does.

    TargetError where no node serves.
    """
    request_s = SURVEY_REQUEST_S_MAX if early else REQUEST_S_MAX
    desk, client = open_desk(
        live,
        known=plan.known,
        seed=plan.seed,
        token=plan.token,
        purpose="survey" if early else "contract",
        timeout_s=request_s,
        early=early,
        folder=folder,
    )
    seconds = SURVEY_S_MAX if early else CONTRACT_S_MAX
    asking = Asking(
        desk=desk,
        ends_at=time.monotonic() + seconds,
        time_is_over=f"the suite's {seconds:.0f} s for all cases were over before this case",
    )
    try:
        chosen = [
            one
            for one in _all(folder, plan.params.get("cases") or ("*",))
            if one.early or not early
        ]
        if not desk.serves:
            for one in chosen:
                if not one.about:
                    _record(folder, asking, one)
            answers = "; ".join(one.too_early for one in desk.openings if one.too_early)
            raise TargetError(
                f"no node serves within {live.spec.node.ready_s:.0f} s, though one says that it is "
                f"ready: {answers}"
            )
        _advertised(desk, folder)
        ask_all(folder, asking, chosen, plan)
        left: Sequence[str] = ()
        if live.spec.lives_on:
            left = sweep(client, desk.wire, desk.root, stem=desk.stem)
        return Inquired(left=left, known=desk.known)
    finally:
        desk.close()
        client.close()


def _advertised(desk: Desk, folder: RunFolder) -> None:
    for one in OPERATIONS:
        if not one.deprecated:
            folder.append(
                AdvertisedOperation(
                    operation=one.id,
                    endpoint=advertised_name(one),
                    phase=PHASE_OF.get(one.id, ""),
                    advertised=desk.offers(one.id),
                )
            )


def ask_all(folder: RunFolder, asking: Asking, cases: Sequence[Case], plan: InquiryPlan) -> None:
    """Ask the cases and write their lines; with stops_at_fail, none after a broken case."""
    for done, one in enumerate(cases, start=1):
        ended = _record(folder, asking, one)
        if ended == "broken" and plan.params.get("stops_at_fail") and asking.goes_on:
            asking.end(f"not asked: the run was to stop at a broken case ({one.full_name})")
        if done % 10 == 0:
            plan.say(f"{done} of {len(cases)} cases, {one.subject}")


def _record(folder: RunFolder, asking: Asking, one: Case) -> str:
    """Ask a case and write its line; returns how it ended."""
    began = time.monotonic()
    found = asking.ask(one)
    line = CaseResult(**_line(asking.desk, one, found, time.monotonic() - began))
    folder.append(_about_silence(line, found.unanswered) if found.silent else line)
    if found.silent and one.about not in ("", found.unanswered):
        not_tried = _not_tried(found.unanswered, one.full_name)
        folder.append(CaseResult(**_line(asking.desk, one, not_tried, 0.0)))
    return found.ended


def _about_silence(line: CaseResult, operation_id: str) -> CaseResult:
    """The line of the case that shows that an operation never answers. The case may be about
    another operation, of which it then shows nothing."""
    is_own = line.about in ("", operation_id)
    return replace(
        line,
        about=operation_id,
        requirement=line.requirement if is_own else ALL_ENDPOINTS,
        touches=tuple({ALL_ENDPOINTS, *line.touches}) if is_own else (),
        says="a server responds to each request",
        place="RFC 9110 3.4",
        silent=True,
    )


def run_case(desk: Desk, one: Case, fallen: Mapping[str, str] = MappingProxyType({})) -> CaseEnding:
    """Run one case; any exception becomes an outcome. fallen: as in Asking."""
    desk.begin(one.about)
    if why := not_applicable(desk, one):
        return CaseEnding(ended="skipped", got=why)
    for operation_id in (one.about, *one.uses):
        if operation_id in fallen and not one.founds:
            return _not_tried(operation_id, fallen[operation_id])
    try:
        one.body(desk, *one.values)
    except Broken as error:
        # no reading of the words lets a server fail on a request
        return _ending("remark" if one.reading and error.given < 500 else "broken", error)
    except Skipped as error:
        return CaseEnding(ended="skipped", got=str(error), left_to=error.left_to)
    except Needs as error:
        if error.operation and not desk.offers(error.operation):
            return CaseEnding(ended="skipped", got=f"{error.operation} is not advertised")
        if error.operation in fallen:
            return _not_tried(error.operation, fallen[error.operation])
        return CaseEnding(
            ended="unknown", got=str(error), asked=_last(desk), evidence=error.evidence
        )
    except Unanswered as error:
        asked = error.asked or _last(desk)
        name = error.asked.operation if error.asked else ""
        return CaseEnding(
            ended="unknown",
            got=str(error),
            asked=asked,
            unanswered=name,
            evidence=EvidenceKind.SILENCE,
        )
    except Exception as error:  # an answer that the case did not expect must not end the run
        why = (
            f"the case could not read the answer ({type(error).__name__}: {error}): its form "
            "is not its schema's (the schema checks say where), or the suite has a fault"
        )
        return CaseEnding(ended="unknown", got=why, asked=_last(desk))
    return _ending("remark", desk.remarks[0]) if desk.remarks else CaseEnding(ended="holds")


def _ending(ended: str, shown: Broken) -> CaseEnding:
    return CaseEnding(
        ended=ended,
        expected=shown.expected,
        got=shown.got,
        asked=shown.asked,
        expected_statuses=shown.expected_statuses,
        given=shown.given,
        evidence=shown.evidence,
    )


def _not_tried(operation_id: str, stands_on: str) -> CaseEnding:
    why = f"not tried: it needs {operation_id}, which does not work: see {stands_on}"
    return CaseEnding(ended="unknown", got=why, stands_on=stands_on)


def not_applicable(desk: Desk, one: Case) -> str:
    """Why a case does not apply to this target; "" if it applies."""
    for operation_id in (one.about, *one.uses):
        if operation_id and not desk.offers(operation_id):
            return f"{operation_id} is not advertised"
    return missing(desk, one.needs)


def _all(folder: RunFolder, patterns: Sequence[str]) -> list[Case]:
    """The cases whose name, with or without the file's name, matches one of the patterns."""
    found = _readable(folder)
    return found if "*" in patterns else [one for one in found if is_like(one, patterns)]


def is_like(one: Case, patterns: Sequence[str]) -> bool:
    """Whether a case's name, with or without its file's, or its operation fits one pattern."""
    names = names_of_case(one.full_name, one.about)
    return any(fits(pattern, names) for pattern in patterns)


def _readable(folder: RunFolder) -> list[Case]:
    found: list[Case] = []
    for subject in subjects():
        try:
            found += cases_of(subject)
        except Exception as error:  # a broken file of cases affects only its own cases
            folder.append(
                CaseResult(
                    case=f"{subject}.(file)",
                    about="",
                    requirement="SC-001",
                    ended="unknown",
                    got=f"the file of cases is broken: {error!r}",
                )
            )
    return found


def _line(desk: Desk, one: Case, outcome: CaseEnding, seconds: float) -> dict[str, Any]:
    problems = [
        {
            "request": reply.asked.curl[:TEXT_MOST],
            "sent": reply.asked.sent,
            "operation": reply.asked.operation,
            "status": reply.status,
            "problems": list(reply.problems[:PROBLEMS_MOST]),
            "answer": reply.said,
        }
        for reply in desk.recent
        if reply.problems
    ]
    shown = outcome.asked or _last(desk)
    is_shown = outcome.ended in ("broken", "remark")
    shortest = desk.requests.shortest(shown, desk.stem) if is_shown else Shortest()
    return {
        "case": one.full_name,
        "about": one.about,
        "requirement": one.requirement,
        "touches": one.touches,
        "says": one.says,
        "place": one.place,
        "ended": outcome.ended,
        "expected": outcome.expected[:TEXT_MOST],
        "got": outcome.got[:TEXT_MOST],
        "stands_on": outcome.stands_on,
        "left_to": outcome.left_to,
        "seconds": round(seconds, 4),
        "request": shortest.decides or (shown.curl if shown else ""),
        "expected_statuses": outcome.expected_statuses,
        "given": outcome.given,
        "evidence": outcome.evidence,
        "sent": shown.sent if shown else None,
        "before": shortest.requests,
        "left_out": shortest.left_out,
        "schema": problems[:3],
        "answers": desk.answers,
        "t_ns": time.monotonic_ns(),
    }


def _last(desk: Desk) -> Asked | None:
    return desk.recent[-1].asked if desk.recent else None
