"""The command lines that run an experiment of a review again, on the same target and seed."""

from __future__ import annotations

from collections.abc import Mapping

from iceworthy.record.plan import Plan
from iceworthy.record.review import ReviewRecord
from iceworthy.words.foreign import shell_line

Plans = Mapping[str, Plan]


def run_again(experiment: str, requirement: str, plans: Plans, record: ReviewRecord) -> str:
    """The command that runs an experiment again; without load, the one for the whole requirement
    (by its id). What was asked for itself is repeated by the very command, with its options.
    """
    if record.command and any(one.experiment == experiment for one in record.asked):
        return record.command
    plan = plans.get(experiment)
    common = target_words(experiment, plans, record)
    if record.quick and plan:  # alone it would run as long as in the whole review
        more = ["--sessions", record.sessions] if record.sessions is not None else []
        words = ("iceworthy", "review", "--quick", "--only", experiment)
        return shell_line(*words, *common, *more)
    if plan and plan.scenario:
        words = ("iceworthy", "run", plan.scenario, "--experiment", experiment)
        return shell_line(*words, *common, "--sessions", plan.sessions)
    if plan and (plan.driver or plan.inquiry):
        return shell_line("iceworthy", "run", experiment, *common)
    return shell_line("iceworthy", "review", "--only", requirement, *common) if requirement else ""


def target_words(experiment: str, plans: Plans, record: ReviewRecord) -> list[object]:
    """The options that name the same target and seed."""
    plan = plans.get(experiment)
    name = record.target_name or (plan.target_name if plan else "") or target_name(plans, record)
    seed = plan.seed if plan else record.seed or 0
    words: list[object] = ["--target", name or "reference", "--seed", seed]
    if record.runtime not in ("", "processes"):
        words += ["--runtime", record.runtime]
    if lie := record.lie or (plan.lie if plan else None):
        words += ["--lie", lie]
    for host in record.allow_hosts:
        words += ["--allow-host", host]
    if plan and plan.load_processes > 1:
        words += ["--load-processes", plan.load_processes]
    return words


def target_name(plans: Plans, record: ReviewRecord) -> str:
    """The target's name: of the review's record, else of the first plan that has one."""
    specs = (plan.target for plan in plans.values())
    return record.target or next((spec.name for spec in specs if spec), "")
