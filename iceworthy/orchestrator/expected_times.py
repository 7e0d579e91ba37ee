"""How long each experiment of a run will take, as far as earlier runs on this machine say.

Claim: a time was measured with the same target, profile and sessions. Without such a run, it is the
length of the load plus a start and an end, marked as a guess, or there is no time.
What this does NOT show: that this machine is as busy as it was then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from iceworthy.orchestrator.settings import LATEST, Settings
from iceworthy.record.review import REVIEW_FILE, ReviewRecord, review_of
from iceworthy.words.errors import RecordError
from iceworthy.words.experiment import Experiment, Load

AROUND_LOAD_S = 12.0
"""Start of the stack, data set, audit and end, around a load on the reference."""
LOOK_BACK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """seconds: None where nobody knows. is_measured: not guessed from the length of the load."""

    experiment: str
    seconds: float | None
    is_measured: bool

    @property
    def text(self) -> str:
        """`26 s`, `about 38 s`, or `not known`."""
        if self.seconds is None:
            return "not known"
        return ("" if self.is_measured else "about ") + length(self.seconds)


def length(seconds: float) -> str:
    """`38 s`, or `2 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def expected(plans: Iterable[tuple[str, Experiment]], settings: Settings) -> tuple[Expected, ...]:
    """One line for each experiment, in order."""
    measured = _measured(settings)
    rows = []
    for name, experiment in plans:
        seconds, method = measured.get(name), experiment.method
        if seconds is None and isinstance(method, Load):
            guess = method.duration_s + AROUND_LOAD_S
            rows.append(Expected(experiment=name, seconds=guess, is_measured=False))
        else:
            rows.append(Expected(experiment=name, seconds=seconds, is_measured=seconds is not None))
    return tuple(rows)


def left(rows: Sequence[Expected]) -> str:
    """The time that these experiments need: `2 min 05 s`, or `more than 40 s`; "" for no idea."""
    known = [one.seconds for one in rows if one.seconds is not None]
    if not known:
        return ""
    more = "more than " if len(known) < len(rows) else "about "
    return more + length(sum(known))


def plan_text(rows: Sequence[Expected], settings: Settings) -> str:
    """What --dry-run prints."""
    width = max((len(one.experiment) for one in rows), default=0)
    head = f"{settings.target.name}, seed {settings.seed}; nothing is started"
    lines = [f"  {one.experiment:<{width}}  {one.text}" for one in rows]
    total = left(rows) or "not known: nothing of it was run here yet"
    return "\n".join([head, *lines, f"  {'together':<{width}}  {total}"])


def _measured(settings: Settings) -> dict[str, float]:
    """The newest time of each experiment, of runs of this kind."""
    found: dict[str, float] = {}
    asked = {(one.kind, one.name) for one in settings.asked}
    for path in sorted(settings.results.glob(f"*/{REVIEW_FILE}"), reverse=True)[:LOOK_BACK]:
        if path.parent.name == LATEST:
            continue
        try:
            record = review_of(path.parent)
        except RecordError:
            continue
        if not _is_alike(record, settings):
            continue
        then = {(one.kind, one.name) for one in record.asked}
        for name, seconds in record.took_s.items():
            if {one for one in then if one[0] == "case"} - asked and name == "contract":
                continue  # some cases are not the whole contract
            found.setdefault(name, seconds)
    return found


def _is_alike(record: ReviewRecord, settings: Settings) -> bool:
    overrides = {key: repr(value) for key, value in settings.overrides.items()}
    own = {key: value for key, value in record.overrides.items() if key != "params"}
    return (
        record.target_name == settings.target_name
        and record.quick == settings.quick
        and record.sessions == settings.sessions
        and own == {key: value for key, value in overrides.items() if key != "params"}
    )
