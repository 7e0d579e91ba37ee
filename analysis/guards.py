"""Makes verdicts unknown where the run was unsound: late load, starved machine, unproven fault.

Rules (docs/judging.md has them too):
  machine starved     a fail of any judge becomes unknown if all the evidence that it rests on is of
                      a kind that waiting explains, and of the time when the target was starved; a
                      pass under worse conditions stays a pass
  machine too small   the same for late answers alone, where the parts of the run crowd the machine
                      and the answers were in time while the CPUs had time to spare
  no node ever ready  every fail becomes unknown: a mistake in the target file may explain it
  path not there      the same for answers 404 at a path that the target file itself names
  login lost          the same for refusals from the instant on at which a login that was good is
                      refused on every node to the end: it may have expired, or be forgotten
  node killed         the same for the kinds that a death from outside explains: what broke off or
                      was not answered around it, and lines that its log lacks; the kill is named
  schedule not kept   the same for the kinds that a late load explains, of judges with GUARDED_BY
                      "schedule"; their passes become unknown too
  fault not proven    passes become unknown, and fails of criteria too. Exceptions: judges that say
                      NEEDS_NO_LOAD; fails with evidence from outside of that fault's stretch; fails
                      of checkers, because a lost write is lost whatever the fault did
What no guard explains stands, and the reason then says how much of the evidence may be explained.
An unknown stays one: a cause that may explain its evidence (no answer arrived) is then named first.
What this does NOT show: short stalls of the machine between two samples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import fmean
from typing import TypeVar

from analysis.criteria import fault_bit, schedule_kept
from analysis.crowding import Crowding, crowding_of
from analysis.evidence_kinds import absent_endpoints
from analysis.generator_lag import calm_lag_ms
from analysis.latency import estimate
from analysis.lost_login import LostLogin, lost_login
from analysis.operation_errors import CALM, is_calm
from analysis.outside_deaths import OutsideDeath
from analysis.run import Run
from analysis.starvation import Starvation, starvation_of
from analysis.target_file_mistakes import target_file_mistake
from iceworthy.record.sample_lines import MachineUse, ProcessUse
from iceworthy.words.blame import Blame, EvidenceKind, Ground
from iceworthy.words.finding import Finding
from iceworthy.words.verdict import Judgement, Verdict

STEAL_MOST = 0.10  # of the CPU time: stolen by the hypervisor for other machines
OTHERS_MOST = 0.15  # of the CPU time: processes that are not the suite's ...
BUSY_LEAST = 0.80  # ... while the machine was this busy, and one of these symptoms is there:
WAITING = frozenset(
    {EvidenceKind.SILENCE, EvidenceKind.LATENCY, EvidenceKind.LATENESS, EvidenceKind.BUSY}
)
"""The kinds of evidence that processes bring forth which wait for a CPU."""
ABSENT = "a path that the target file names is not there"
BROKEN_OFF = WAITING | {EvidenceKind.TORN}
"""Those that a killed node brings forth; beside them, the last lines of its log are lost."""
FIRST = (Blame.OUTSIDE, Blame.TARGET_FILE, Blame.MACHINE, Blame.SUITE)
"""Who is named where several explain a fail."""
Sample = TypeVar("Sample", MachineUse, ProcessUse)
LAG_MOST_MS = 5.0  # lag of the load generator at p95
CORE = 0.4  # of one core, used by one process of the target


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """The state of each guard of one run: "" where the guard holds, else the reason.

    starved: by the steady windows as a whole. starvation: what was measured, for any other span.
    spoiled: from the injection of each unproven fault to that of the next.
    """

    verdicts: tuple[Verdict, ...]
    late: str
    starved: str
    unproven: str
    starvation: Starvation
    crowding: Crowding
    spoiled: tuple[tuple[int, int], ...] = ()
    deaths: tuple[OutsideDeath, ...] = ()
    mistake: str = ""
    absent: tuple[str, ...] = ()
    lost: LostLogin | None = None
    t0_ns: int | None = None

    def apply(
        self,
        verdict: Verdict,
        *,
        guarded_by: tuple[str, ...],
        checker: bool,
        needs_no_load: bool = False,
    ) -> Verdict:
        """The verdict itself, or UNKNOWN with the guard's reason.

        needs_no_load: it stands on facts that no load has to meet (how long a SIGTERM took). An
        UNKNOWN stays one; what may explain its evidence is then named first.
        """
        if verdict.judgement is Judgement.UNKNOWN:
            return self._with_cause(verdict)
        is_fail = verdict.judgement is Judgement.FAIL
        stands = needs_no_load or (is_fail and (checker or self._is_apart(verdict)))
        if self.unproven and not stands:
            return _withheld(verdict, self.unproven, Blame.SUITE)
        late = self.late if "schedule" in guarded_by else ""
        if is_fail:
            return self._without_the_explained(verdict, late)
        whose = Blame.MACHINE if self.starved else Blame.SUITE
        return _withheld(verdict, late, whose) if late else verdict

    def _is_apart(self, verdict: Verdict) -> bool:
        """Whether evidence of a fail lies outside of the stretches of unproven faults."""
        return any(
            ground.spans
            and not any(
                a <= end and start < b for start, end in ground.spans for a, b in self.spoiled
            )
            for ground in verdict.grounds
        )

    def _with_cause(self, verdict: Verdict) -> Verdict:
        found = [why for ground in verdict.grounds if (why := self._why(ground, ""))]
        if self.mistake and verdict.applies:
            found.append((Blame.TARGET_FILE, self.mistake))
        if not found:
            return verdict
        blame, reason = min(found, key=lambda cause: FIRST.index(cause[0]))
        return replace(verdict, reason=f"{reason}; {verdict.reason}", blame=blame)

    def _without_the_explained(self, verdict: Verdict, late: str) -> Verdict:
        grounds = verdict.grounds or (Ground(kind=EvidenceKind.CONTENT),)
        explained = [self._why(ground, late) for ground in grounds]
        found = [cause for cause in explained if cause is not None]
        if not found:
            return verdict
        blame, reason = min(found, key=lambda cause: FIRST.index(cause[0]))
        if len(found) == len(explained):
            return _withheld(verdict, reason, blame)
        pairs = zip(grounds, explained, strict=True)
        kept = self._not_explained(verdict, grounds, late)
        aside = sum(ground.count for ground, why in pairs if why)
        whole = sum(ground.count for ground in grounds)
        more = f"; {aside} of these {whole} may have another cause: {reason}"
        return replace(verdict, reason=verdict.reason + more, findings=kept)

    def _not_explained(
        self, verdict: Verdict, grounds: tuple[Ground, ...], late: str
    ) -> tuple[Finding, ...]:
        """The findings of a fail that stands, without those that a guard explains by themselves."""
        explained = {ground.kind for ground in grounds if self._why(ground, late)}
        left = [ground for ground in grounds if not self._why(ground, late)]

        def stands(one: Finding) -> bool:
            if one.rests_on is None or one.rests_on not in explained:
                return True
            return any(ground.kind is one.rests_on and _may_be(ground, one) for ground in left)

        return tuple(filter(stands, verdict.findings))

    def _why(self, ground: Ground, late: str) -> tuple[Blame, str] | None:
        """Whose doing this evidence may be, and why; None where no guard explains it."""
        if killed := _killed(self.deaths, ground, self.t0_ns):
            return Blame.OUTSIDE, killed
        if self.mistake:
            return Blame.TARGET_FILE, self.mistake
        if ground.kind is EvidenceKind.ABSENT:
            return Blame.TARGET_FILE, "; ".join((ABSENT, *self.absent))
        if self.lost is not None and self.lost.explains(ground):
            return Blame.TARGET_FILE, self.lost.reason
        if starved := self._explained(ground):
            return Blame.MACHINE, starved
        return (Blame.SUITE, late) if _if_waiting(ground, late) else None

    def _explained(self, ground: Ground) -> str:
        """Why the machine may have caused this evidence; "" where it cannot have."""
        measured = self.starvation.measured
        whole = "" if measured and ground.excess_s else _if_waiting(ground, self.starved)
        if whole or ground.kind not in WAITING or not measured:
            return whole
        why = self.starvation.during(ground.spans, excess_s=ground.excess_s)
        return why or self._crowded(ground)

    def _crowded(self, ground: Ground) -> str:
        """Why the run's own parts, too many for this machine, may have made an answer late."""
        late = ground.kind is EvidenceKind.LATENCY and not ground.in_spare_time
        return self.crowding.during(ground.spans) if late and not ground.excess_s else ""


def _may_be(ground: Ground, finding: Finding) -> bool:
    """Whether the evidence of a finding can be this evidence, by its time."""
    first_ns, last_ns = finding.first_ns, finding.last_ns
    if not ground.spans or first_ns is None or last_ns is None:
        return True
    return any(start <= last_ns and end >= first_ns for start, end in ground.spans)


def _killed(deaths: tuple[OutsideDeath, ...], ground: Ground, t0_ns: int | None) -> str:
    """The death from outside that may have caused this evidence, in words; "" for none."""
    for death in deaths:
        is_its_log = ground.kind is EvidenceKind.RECORD and ground.node in (None, death.node)
        hit = any(death.touches(*span, ground.node) for span in ground.spans)
        if is_its_log or (hit and ground.kind in BROKEN_OFF):
            return death.words(t0_ns)
    return ""


def _if_waiting(ground: Ground, reason: str) -> str:
    return reason if ground.kind in WAITING else ""


def _withheld(verdict: Verdict, reason: str, blame: Blame) -> Verdict:
    would = f"it would have been {verdict.judgement.value}: {verdict.reason}"
    reason = f"not judged: {reason} ({would})"
    return replace(verdict, judgement=Judgement.UNKNOWN, reason=reason, blame=blame)


def guards(run: Run) -> Guards:
    """The guards of one run, computed from its records."""
    verdicts = []
    late = unproven = ""
    spoiled: tuple[tuple[int, int], ...] = ()
    if run.plan.scenario:
        schedule = schedule_kept.judge(run)
        verdicts.append(schedule)
        late = "" if schedule.passed else schedule.reason
    if run.plan.faults:
        bit = fault_bit.judge(run)
        verdicts.append(bit)
        unproven = "" if bit.passed else f"a fault is not proven: {bit.reason}"
        spoiled = fault_bit.unproven_stretches(run)
    measured = starvation_of(run)
    return Guards(
        verdicts=tuple(verdicts),
        late=late,
        starved=starved(run),
        unproven=unproven,
        starvation=measured,
        crowding=crowding_of(run, measured),
        spoiled=spoiled,
        deaths=run.deaths,
        mistake=target_file_mistake(run),
        absent=tuple(absent_endpoints(run).values()),
        lost=lost_login(run),
        t0_ns=run.plan.t0_ns,
    )


def starved(run: Run) -> str:
    """Why the machine was too busy with other work in the steady windows; "" when it was not.

    Other processes' load alone does not withhold a verdict: a fair scheduler still serves processes
    that need little. What the target's processes waited for a CPU decides where it was measured. In
    runs of older versions a symptom must be there: a late generator, or a process of the target
    that uses so much of a core that it may have got less than it needed.
    """
    measured = starvation_of(run)
    if measured.measured:
        spans = [(window.start_ns, window.end_ns) for window in run.windows_of(*CALM)]
        if why := measured.during(spans):
            return why
    lines = _calm_lines(run, MachineUse)
    if not lines:
        return ""
    steal = fmean(line.steal for line in lines)
    others = fmean(line.others for line in lines)
    busy = fmean(line.cpu_busy for line in lines)
    if steal > STEAL_MOST:
        return f"the machine was starved: {steal:.0%} of its CPU time went to other machines"
    shown = _late_load(run) if measured.measured else _late_load(run) or _hungry(run)
    if others > OTHERS_MOST and busy > BUSY_LEAST and shown:
        return (
            f"the machine was starved: other processes took {others:.0%} of a CPU {busy:.0%} busy, "
            f"and {shown}"
        )
    return ""


def _late_load(run: Run) -> str:
    """Whether the load's generator, a process of the run, was denied the CPU; "" when not."""
    lag = estimate(calm_lag_ms(run), 0.95)
    if lag.samples and lag.value_ms > LAG_MOST_MS:
        return f"the load left {lag.value_ms:.1f} ms late at p95"
    return ""


def _hungry(run: Run) -> str:
    """The process of the target that may have got less than it needed; "" where none uses much."""
    spans: dict[tuple[str, int], list[tuple[int, float]]] = {}
    for line in _calm_lines(run, ProcessUse):
        name = line.process
        if name.startswith(("node-", "postgres")):
            point = (line.t_ns, line.cpu_s)
            spans.setdefault((name, line.pid or 0), []).append(point)
    for (name, _pid), points in spans.items():
        (first_ns, first_s), (last_ns, last_s) = points[0], points[-1]
        if last_ns > first_ns and (used := (last_s - first_s) * 1e9 / (last_ns - first_ns)) > CORE:
            return f"{name} asked for {used:.0%} of a core"
    return ""


def _calm_lines(run: Run, kind: type[Sample]) -> list[Sample]:
    return [line for line in run.read(kind) if is_calm(run, line.t_ns)]
