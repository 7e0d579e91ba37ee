"""`iceworthy reproduce ID` and `iceworthy reproduce RUN ID`: a requirement or failure, in steps.

Claim: every step that is printed is an event of a run that was made for it, with its time; the exit
code is that of the verdict. Example: `iceworthy reproduce EC-4` stops both nodes under load and
prints the instant of SIGTERM, the number of requests in flight, and their answers.
Method: for a requirement that a load decides, the steps are those of its history
(analysis/story.py); for a requirement of the contract, the answers of its cases. A failure of a
saved run is tried again, made smaller, tried `--tries` times, and packed into a bundle.
What this does NOT show: the verdict of a whole review; `iceworthy review --only ID` gives that.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from analysis.report_findings import findings_of
from analysis.requirements import experiments_for, requirement
from analysis.run import Run
from analysis.story import story_of, story_of_operations
from fixtures.stack.processes import Leash
from iceworthy import discovery
from iceworthy.conclude import conclude
from iceworthy.orchestrator.bundle import ENDING, pack, unpack
from iceworthy.orchestrator.interrupt import HeldAtExit
from iceworthy.orchestrator.profile import quick_changes
from iceworthy.orchestrator.progress import Progress
from iceworthy.orchestrator.repeating import Repeated, failure_of, repeat
from iceworthy.orchestrator.review import run_review
from iceworthy.orchestrator.settings import EXPERIMENTS, Settings, saved_run
from iceworthy.orchestrator.single import single_settings
from iceworthy.record.review import read_review
from iceworthy.standing import Wait, show_case, tell_cases
from iceworthy.terminal import tell
from iceworthy.words.errors import EXIT_FAIL, EXIT_UNKNOWN, PlanError
from iceworthy.words.experiment import Experiment, Load
from iceworthy.words.foreign import quoted, shell_line, shown

FINDINGS_MOST = 3
SettingsOf = Callable[[argparse.Namespace], Settings]


def see_requirement(name: str, settings: Settings, options: argparse.Namespace) -> int:
    """Run the experiment or the cases that decide a requirement, once, and print each step; returns
    the exit code."""
    one = requirement(name)
    tell(f"{one.id}  {one.title}: {one.text}")
    loads = [each for each in experiments_for(name) if _is_load(each)]
    if not loads:
        return tell_cases(name, settings)
    single = single_settings(settings, loads[0], None, None)
    progress = Progress()
    changes = {**quick_changes(loads[0]), **single.overrides}
    reviewed = run_review(replace(single, overrides=changes), progress)
    tell_story(reviewed.root, loads[0], name)
    return conclude(reviewed, progress, options)


def tell_story(root: Path, experiment: str, name: str) -> None:
    """Print the steps of an experiment of a run folder, and the operations of its worst findings
    about this requirement."""
    run = Run(root / EXPERIMENTS / experiment)
    lines = story_of(run)
    tell(f"{experiment}, in seconds after the load's beginning:")
    for line in lines:
        tell(f"  {shown(line)}")
    if not lines:
        tell("  nothing was sent: the run ended before its load")
    about = [one for one in findings_of(root) if name in one.requirements]
    for finding in about[:FINDINGS_MOST]:
        if steps := story_of_operations(run, finding.operations):
            tell(f"finding: {shown(finding.title)}")
            for line in steps:
                tell(f"  {shown(line)}")


def _is_load(name: str) -> bool:
    experiment: Experiment = discovery.load("experiment", name)
    return isinstance(experiment.method, Load)


def see_run(options: argparse.Namespace, settings_of: SettingsOf, wait: Wait | None) -> int:
    """See a failure of a saved run or of a bundle again; returns the exit code."""
    with HeldAtExit(Leash()) as own:  # which removes the folder however we end
        root = _root_of(options.name, own)
        record = read_review(root)
        failure = failure_of(root, options.id.upper())
        options.target = options.target or _target_of(options.name, record.target_name)
        options.seed = failure.plan.seed if options.seed is None else options.seed
        if failure.plan.lie and options.target == "reference":
            options.lie = failure.plan.lie
        settings = settings_of(options)
        results = settings.results
        if failure.case:
            return show_case(failure.case, settings, wait)
        progress, quiet = Progress(), Progress(quiet=True)
        tried_in = own.make_folder(Path(tempfile.gettempdir()), prefix="iceworthy-tries-")
        done = repeat(
            failure,
            replace(settings, results=tried_in),
            lambda tried: run_review(tried, quiet),
            progress.say,
            tries=options.tries,
            budget_s=options.budget,
        )
        if done.root is not None:
            results.mkdir(parents=True, exist_ok=True)
            kept = shutil.move(done.root, results / done.root.name)
            done = replace(done, root=Path(kept).resolve())
    return _tell_repeated(done, settings)


def _target_of(run: str, named: str) -> str:
    """The target that a run names; PlanError where a bundle names a file, which may be another file
    on this machine."""
    if run.endswith(ENDING) and named not in discovery.names("target"):
        raise PlanError(
            f"{run}: it is of the target file {quoted(named)} of another machine; expected "
            "--target with a file of this one"
        )
    return named


def _root_of(name: str, own: Leash) -> Path:
    """The run folder of a name, or of a bundle, which is unpacked."""
    if not name.endswith(ENDING):
        return saved_run(name, Path("results"))
    if not Path(name).is_file():
        raise PlanError(f"{name}: no such bundle; expected a file that reproduce wrote")
    return unpack(Path(name), own.make_folder(Path(tempfile.gettempdir()), prefix="iceworthy-"))


def _tell_repeated(done: Repeated, settings: Settings) -> int:
    failure = done.failure
    if done.root is None:
        tell(
            f"{failure.requirement} did not fail in {done.tries} tries of {failure.experiment}: "
            "it may need another machine or another load; try more seeds: --seed"
        )
        return EXIT_UNKNOWN
    tell_story(done.root, failure.experiment, failure.requirement)
    bundle = done.root.with_name(f"{done.root.name}-{failure.requirement}{ENDING}")
    pack(done.root, bundle)
    tell(f"{failure.requirement} fails in {done.failed} of {done.tries} tries")
    tell(f"    least    {failure.experiment}: {done.world or 'as it was'}")
    tell(f"    report   {done.root / 'report.html'}")
    tell(f"    bundle   {bundle}")
    words = ["iceworthy", "reproduce", bundle, failure.requirement]
    tell(f"    again    {shell_line(*words, '--target', settings.target_name)}")
    return EXIT_FAIL
