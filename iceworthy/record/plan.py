"""plan.json: the plan of one experiment, and how far it got. Its only writer and reader.

Claim: `read_plan` returns the Plan that `write_plan` got; a plan of a format that this version does
not know is a RecordError.
Method: `format` in the file. A plan without it is of the time before formats had numbers;
`plan_before_1` converts it. A plan of format 1 had `id_bits` in place of `known`.
A plan that a run ended with holds its own checksum too, made of the plan without that entry.
What this does NOT show: that the run's other files are whole; `sealed` holds their checksums.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from iceworthy.record.known import Known
from iceworthy.record.regular_file import parse_json, read_text
from iceworthy.record.seal import own_mark
from iceworthy.record.typed_json import from_object, to_object
from iceworthy.record.units import Ns, Seconds
from iceworthy.words.errors import RecordError, StoppedBy, UnknownFormat
from iceworthy.words.experiment import Declared, FaultAt
from iceworthy.words.scenario import NodeChoice, Role, World
from iceworthy.words.target import TargetSpec

PLAN_FORMAT = 2
PLAN_FILE = "plan.json"
PLAN_BYTES_MAX = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of one experiment and how far the run got; written anew at each step of the run."""

    experiment: str
    """Name of the experiment, which is the folder's name too."""
    hypothesis: str = ""
    """The claim that the experiment could refute, in words."""
    scenario: str | None = None
    """Name of the scenario that makes the load; null: no load."""
    driver: str | None = None
    """Name of the driver that steers the target in place of timed faults; null: none."""
    inquiry: str | None = None
    """Name of the inquiry that asks the quiet target in place of load and faults; null: none."""
    sessions: int = 0
    """Sessions of the load, each with a connection of its own."""
    nodes: NodeChoice = "spread"
    """Which nodes the sessions talk to: all in turn, or only the first."""
    node_urls: tuple[str, ...] = ()
    """URL of each node, without a path; empty until the nodes run."""
    seed: int = 0
    """Seed from which every random choice of the run follows."""
    t0_ns: Ns | None = None
    """The instant from which the schedule and every offset count; null until it is set."""
    warmup_s: Seconds = 0.0
    """First part of the load, which no judge counts."""
    duration_s: Seconds | None = None
    """Length of the load, its warm-up included; null: until it is stopped."""
    longest_s: Seconds | None = None
    """Bound of a load that goes on until its last fault is healed (load_end.jsonl); null: none."""
    settle_s: Seconds = 0.0
    """Bound for the nodes to be ready again after the load, before everything is read."""
    timeout_s: Seconds = 10.0
    """Bound of one operation, from its first byte to the answer's last."""
    faults: tuple[FaultAt, ...] = ()
    """The timed faults that were planned."""
    declared: Declared | None = None
    """What the files of the experiment and of its faults declare; null: in an older run."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the driver or of the inquiry, by name."""
    known: Known = field(default_factory=Known)
    """Facts that were known about the target when the plan was written."""
    world: World | None = None
    """The data set that was built before the load; null: none."""
    world_token: str = ""
    """Part of every name, beside the seed, on a target that lives on after the run; else empty."""
    world_seed: int | None = None
    """Seed of the world's names; null: `seed`."""
    checkers: tuple[str, ...] = ()
    """Checkers that the scenario asks for by name."""
    target: TargetSpec | None = None
    """The target file as it was understood (docs/targets.md)."""
    target_name: str = ""
    """The target as the command line named it: a name or the path of a file."""
    lie: str | None = None
    """Name of the lie (deliberate defect) of the reference catalog; null: none."""
    load_processes: int = 1
    """Worker processes of the load."""
    roles: tuple[Role, ...] = ()
    """The roles of the load; empty: those that the scenario had, or there is no load."""
    alone: bool = False
    """Whether Locust was started by hand, without the suite around it."""
    versions: Mapping[str, Any] = field(default_factory=dict)
    """Versions of the programs under and around the target, by name."""
    complete: bool = False
    """True only when the run reached its end."""
    stopped_because: str = ""
    """Why the run ended before its end, in words; empty: it did not, or it was killed."""
    stopped_by: StoppedBy | None = None
    """Which part ended the run early; null: no part did, or it was killed from outside."""
    sealed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """File -> [bytes, CRC-32] of every file when the run ended; empty: it was killed."""

    @property
    def hides_database(self) -> bool:
        """Whether the suite had no view of the target's database."""
        return self.target is not None and self.target.database.kind == "hidden"


def write_plan(path: Path, plan: Plan) -> None:
    """Write plan.json, whole or not at all; OSError where the disk refuses."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(plan_to_object(plan), indent=1), encoding="utf-8")
    partial.replace(path)


def read_plan(path: Path) -> Plan:
    """The plan of a run folder.

    Raises RecordError when the file is missing or damaged, and UnknownFormat, a RecordError, when a
    version of Iceworthy wrote it that this one cannot read.
    """
    try:
        facts = parse_json(read_text(path, most=PLAN_BYTES_MAX))
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{path}: expected the plan of an experiment; it is missing or cannot be read "
            f"({error}); judge a folder that a run has written, or run the experiment again"
        ) from error
    return plan_from_object(facts, where=str(path))


def plan_to_object(plan: Plan) -> dict[str, Any]:
    """plan.json as plain values, its format first."""
    return {"format": PLAN_FORMAT, **to_object(plan)}


def plan_from_object(facts: Any, *, where: str) -> Plan:
    """The inverse of plan_to_object; `where` names the file in the errors of `read_plan`."""
    if not isinstance(facts, Mapping):
        raise RecordError(f"{where}: expected an object; got {type(facts).__name__}")
    if "format" not in facts:
        return from_object(Plan, plan_before_1(facts), where=where)
    if facts["format"] == 1:
        return from_object(Plan, _plan_of_1(facts), where=where)
    if facts["format"] != PLAN_FORMAT:
        raise UnknownFormat(where, expected=PLAN_FORMAT, got=facts["format"])
    plan = from_object(Plan, facts, where=where)
    mark = own_mark(facts, PLAN_FILE)
    if plan.sealed.get(PLAN_FILE, mark) != mark:
        raise RecordError(f"{where}: it is not what the run wrote; judge a copy that is whole")
    return plan


def with_own_seal(plan: Plan, sealed: Mapping[str, tuple[int, int]]) -> Plan:
    """The plan with the seal of the other files, and with its own: the last that a run writes."""
    plan = replace(plan, sealed=sealed)
    mark = own_mark(plan_to_object(plan), PLAN_FILE)
    return replace(plan, sealed={**sealed, PLAN_FILE: mark})


def is_of_before(path: Path) -> bool:
    """Whether a plan has no number of its format: its run may have had no seal."""
    try:
        return "format" not in parse_json(read_text(path, most=PLAN_BYTES_MAX))
    except (OSError, ValueError, TypeError):
        return False


def _plan_of_1(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A plan of format 1 as plain values of format 2."""
    return {**facts, "known": {"id_bits": facts["id_bits"]} if "id_bits" in facts else {}}


# Until there was a number, `stopped_by` was the name of the error's class.
_STOPPED_BY_BEFORE_1 = {
    "KeyboardInterrupt": StoppedBy.INTERRUPTED,
    "TargetError": StoppedBy.TARGET,
    "FaultError": StoppedBy.FAULT,
    "StackError": StoppedBy.STACK,
    "LoadLost": StoppedBy.LOAD,
    "PlanError": StoppedBy.REQUEST,
    "SuiteBug": StoppedBy.SUITE,
}


def plan_before_1(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A plan without a number of its format, as plain values of format 2.

    Some of its writers left keys out; a name of an error that is not listed could be anything of
    the suite or of this machine, so it counts as SUITE: nothing is concluded from a fail.
    """
    now = {"experiment": "", **facts}
    name = now.get("stopped_by")
    now["stopped_by"] = _STOPPED_BY_BEFORE_1.get(str(name), StoppedBy.SUITE) if name else None
    return _plan_of_1(now)
