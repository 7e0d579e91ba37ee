"""Judges one experiment: guards, every checker, and the criteria that the requirements name.

Claim: a judge that raises, or takes longer than JUDGE_S, is unknown with the exception as the
reason. It cannot disturb another judge, because the history is read-only.
What this does NOT show: a judge stuck inside one native call is only stopped when the call returns.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from analysis.findings import with_findings
from analysis.guards import Guards, guards
from analysis.requests_of_operations import with_requests
from analysis.requirements import GUARDS, Judge, decides, judges_of, named_experiments
from analysis.run import Run
from analysis.scene_of_operations import with_scenes
from analysis.verdict_json import verdict_fields
from iceworthy import discovery
from iceworthy.record.verdicts import ExperimentRuling, JudgeKind
from iceworthy.words.blame import Blame
from iceworthy.words.errors import RecordError, StoppedBy
from iceworthy.words.experiment import Declared
from iceworthy.words.verdict import Judgement, Verdict, merge

JUDGE_S = 60.0
# Ends after which everything measured so far is still valid.
TARGETS_OWN = frozenset({StoppedBy.INTERRUPTED, StoppedBy.TARGET, StoppedBy.FAULT})
# Ends that may have distorted measurements but lost no records.
RECORDS_WHOLE = frozenset({StoppedBy.STACK})
# Whose doing it is that an experiment did not reach its end; None: it was killed.
STOPPED: Mapping[StoppedBy | None, Blame] = {
    StoppedBy.INTERRUPTED: Blame.OUTSIDE,
    StoppedBy.REQUEST: Blame.TARGET_FILE,
    StoppedBy.TARGET: Blame.CATALOG,
    StoppedBy.FAULT: Blame.SUITE,
    StoppedBy.STACK: Blame.SUITE,
    StoppedBy.LOAD: Blame.SUITE,
    StoppedBy.SUITE: Blame.SUITE,
    None: Blame.OUTSIDE,
}
REASON_MOST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One judge's verdict in one experiment. decides: its pass counts too, not only its fail."""

    verdict: Verdict
    kind: JudgeKind
    decides: bool
    seconds: float

    @property
    def recorded(self) -> ExperimentRuling:
        """As the experiment's verdicts.json holds it."""
        return ExperimentRuling(
            **verdict_fields(self.verdict),
            kind=self.kind,
            decides=self.decides,
            seconds=round(self.seconds, 3),
        )


def judge_one(run: Run) -> list[Ruling]:
    """Every verdict of one experiment: guards first, then checkers, then criteria."""
    if run.damage:
        return _all_unknown(run, f"not judged: its records are damaged: {run.damage}")
    started = time.monotonic()
    try:
        run.history.ops.flags.writeable = False
        barriers = guards(run)
    except RecordError as error:
        return _all_unknown(run, f"not judged: {error}"[:REASON_MOST])
    except Exception as error:
        verdict = _broken("history", error)
        return [
            Ruling(verdict=verdict, kind="guard", decides=True, seconds=time.monotonic() - started)
        ]
    rulings = [
        Ruling(verdict=verdict, kind="guard", decides=False, seconds=0.0)
        for verdict in barriers.verdicts
    ]
    for name in checkers_of(run):
        rulings.append(_rule(run, "checker", Judge(name), barriers))
    for judge in criteria_of(run.declared):
        rulings.append(_rule(run, "criterion", judge, barriers))
    return rulings


def _all_unknown(run: Run, reason: str) -> list[Ruling]:
    """The verdicts of a run whose records are damaged: none of its files is read."""
    judges: list[tuple[JudgeKind, Judge]] = [("checker", Judge(name)) for name in checkers_of(run)]
    judges += [("criterion", judge) for judge in criteria_of(run.declared)]
    return [
        Ruling(
            verdict=Verdict(name=str(judge), judgement=Judgement.UNKNOWN, reason=reason),
            kind=kind,
            decides=True,
            seconds=0.0,
        )
        for kind, judge in judges
    ]


def checkers_of(run: Run) -> tuple[str, ...]:
    """All checkers where there was load or a driver; else those that the table of requirements
    names.

    The survey tries odd requests one by one (example: a staged creation, which creates nothing).
    Each is judged by itself; together they are not a load whose outcomes checkers could compare.
    """
    if run.plan.scenario or run.plan.driver:
        return tuple(discovery.names("checker"))
    return tuple(name for name in discovery.names("checker") if decides(Judge(name), run.declared))


def criteria_of(one: Declared) -> tuple[Judge, ...]:
    """The criteria that count in this experiment; where the table of requirements does not name it,
    also all others, because each of their fails counts.
    """
    known = discovery.names("criterion")
    judges = tuple(judge for judge in judges_of(one) if judge.name in known)
    if one.experiment in named_experiments():
        return judges
    others = (Judge(name) for name in known if name not in GUARDS)
    return tuple(dict.fromkeys((*judges, *others)))


def own_verdict(rulings: list[Ruling]) -> Judgement:
    """The verdict of the experiment as a whole: every fail counts, and everything that decides
    there.
    """
    return merge(
        ruling.verdict.judgement
        for ruling in rulings
        if (ruling.decides and ruling.verdict.applies) or ruling.verdict.judgement is Judgement.FAIL
    )


def _rule(run: Run, kind: JudgeKind, judge: Judge, barriers: Guards) -> Ruling:
    started = time.monotonic()
    guarded_by: tuple[str, ...] = ()
    needs_no_load = False
    claim = ""
    try:
        module = discovery.module(kind, judge.name)
        guarded_by = tuple(getattr(module, "GUARDED_BY", ()))
        needs_no_load = bool(getattr(module, "NEEDS_NO_LOAD", False))
        claim = str(module.__doc__ or "").partition("\n")[0]
        with _bounded(JUDGE_S):
            verdict = _call(run, module, kind, judge.argument)
        if not isinstance(verdict, Verdict):
            raise TypeError(f"returned {type(verdict).__name__}, not a Verdict")
        verdict = replace(verdict, name=str(judge))
    except Exception as error:
        verdict = _broken(str(judge), error)
    verdict = barriers.apply(
        verdict, guarded_by=guarded_by, checker=kind == "checker", needs_no_load=needs_no_load
    )
    if damage := run.damage or run.history.damage:
        reason = f"not judged: its records are damaged: {damage}"
        verdict = replace(verdict, judgement=Judgement.UNKNOWN, reason=reason, blame=Blame.OUTSIDE)
    elif kind == "checker" and run.history.torn:
        lost = f"{run.history.torn} bytes of a torn last record are left out of the history"
        verdict = replace(verdict, reason=f"{verdict.reason}; {lost}")
    verdict = unfinished(run, verdict, checker=kind == "checker")
    if verdict.judgement is Judgement.FAIL:
        verdict = replace(verdict, blame=Blame.CATALOG)
    verdict = with_findings(verdict, claim)
    if verdict.findings:
        asked = with_requests(verdict.findings, run)
        verdict = replace(verdict, findings=with_scenes(asked, run))
    if len(verdict.reason) > 2 * REASON_MOST:
        verdict = replace(verdict, reason=verdict.reason[: 2 * REASON_MOST] + "…")
    return Ruling(
        verdict=verdict,
        kind=kind,
        decides=decides(judge, run.declared),
        seconds=time.monotonic() - started,
    )


def _call(run: Run, module: Any, kind: str, argument: str) -> Any:
    if kind == "checker":
        check: Callable[[Any], Any] = module.check
        return check(run if getattr(module, "NEEDS_RUN", False) else run.history)
    return module.judge(run, argument) if argument else module.judge(run)


def _broken(name: str, error: Exception) -> Verdict:
    broke = f"the judge itself broke: {type(error).__name__}: "
    text = ("not judged: " if isinstance(error, RecordError) else broke) + str(error)
    text = text[:REASON_MOST]
    return Verdict(name=name, judgement=Judgement.UNKNOWN, reason=text, blame=Blame.SUITE)


def unfinished(run: Run, verdict: Verdict, *, checker: bool) -> Verdict:
    """The ruling of an experiment that did not reach its end.

    An unfinished experiment cannot pass. A criterion's fail becomes unknown if the suite or its
    stack broke, because the fail may measure that. A checker's fail becomes unknown only if records
    were lost, because the write that seems to be missing may be one that was not recorded.
    """
    if verdict.judgement is Judgement.UNKNOWN or run.plan.complete:
        return verdict
    plan = run.plan
    stands = TARGETS_OWN | (RECORDS_WHOLE if checker else frozenset())
    if not verdict.passed and plan.stopped_by in stands:
        return verdict
    why = plan.stopped_because.partition("\n")[0]
    why = why.removesuffix("; its last lines:") or "it was ended from outside"
    so_far = "so far" if verdict.passed else "what is left of it would fail"
    return replace(
        verdict,
        judgement=Judgement.UNKNOWN,
        reason=f"the experiment did not reach its end ({why}); {so_far}: {verdict.reason}",
        blame=STOPPED.get(plan.stopped_by, Blame.OUTSIDE),
    )


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Raises TimeoutError after the given seconds in the main thread; in other threads there is no
    bound.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return

    def ring(_number: int, _frame: Any) -> None:
        raise TimeoutError(f"took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
