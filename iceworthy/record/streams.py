"""Every stream of a run folder: the one list of the kinds of lines."""

from __future__ import annotations

from iceworthy.record.contract_lines import (
    AdvertisedOperation,
    AnswerCount,
    CaseResult,
    Comparison,
    Difference,
    TriedThing,
    Violation,
)
from iceworthy.record.line import Line
from iceworthy.record.run_lines import (
    FaultEvent,
    FirstAnswer,
    LoadSecond,
    NodeExit,
    NodeStart,
    Window,
)
from iceworthy.record.sample_lines import (
    DatabaseUse,
    EventConnection,
    EventMessage,
    FileLook,
    MachineUse,
    Probe,
    ProcessUse,
    Scrape,
)
from iceworthy.record.step_lines import Step

KINDS: tuple[type[Line], ...] = (
    Window,
    FaultEvent,
    NodeStart,
    NodeExit,
    FirstAnswer,
    Probe,
    Scrape,
    ProcessUse,
    DatabaseUse,
    MachineUse,
    LoadSecond,
    Step,
    FileLook,
    EventConnection,
    EventMessage,
    AnswerCount,
    Violation,
    TriedThing,
    AdvertisedOperation,
    CaseResult,
    Difference,
    Comparison,
)
