"""The survey: what of all that a review stands on works in this target, asked one by one.

Claim: every check of checks/ leaves its findings in findings.jsonl, whatever the
target does; each judges by the Iceberg REST specification, and accepts all that it leaves open.
Method: small sequential conversations under fresh names on the first node that answers, recorded as
worker "survey". What it does NOT show: behaviour under concurrency, load or faults; a whole
contract.
"""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace

from iceworthy.client.auth import HeaderSource, header_source
from iceworthy.client.catalog_client import Answer, CatalogClient
from iceworthy.client.cleanup import sweep
from iceworthy.client.connect import Config, ask_config, read_config, wire_of
from iceworthy.contract.desk import Needs, Unanswered
from iceworthy.contract.survey import checks
from iceworthy.contract.survey.desk import Finding, SurveyDesk
from iceworthy.contract.survey.snapshot_range import BITS, snapshot_range
from iceworthy.record import session_numbers
from iceworthy.record.contract_lines import TriedThing
from iceworthy.record.history import Recorder
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import TargetError
from iceworthy.words.live import LiveTarget, Node
from iceworthy.words.seeded import name_tag

REQUEST_S_MAX = 5.0
SURVEY_S_MAX = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """id_bits: the widest of 62, 53 and 31 bits whose snapshot ids the target keeps exactly.
    left: what could not be dropped again from a target that goes on living."""

    id_bits: int
    findings: tuple[Finding, ...]
    left: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[Finding, ...]:
        """What does not work."""
        return tuple(finding for finding in self.findings if finding.works is False)

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """What nobody can tell."""
        return tuple(finding for finding in self.findings if finding.works is None)


def survey(live: LiveTarget, folder: RunFolder, *, seed: int, token: str = "") -> Survey:
    """Run every check; TargetError only when no node gives any answer at all.

    seed, token: as in iceworthy/words/seeded.py; all names and ids follow from them.
    """
    recorder = Recorder(folder.history, "survey")
    found: list[Finding] = []
    left: list[str] = []
    try:
        headers, client, config_answer = _reach(live, recorder, folder)
        with client:
            config = read_config(config_answer.json()) if config_answer.ok else None
            desk = SurveyDesk(
                live,
                client,
                wire_of(live.spec, config or Config()),
                headers,
                config=config,
                config_answer=config_answer,
                stem=f"iw_survey_{name_tag(seed, token)}",
                ends_at=time.monotonic() + SURVEY_S_MAX,
            )
            for name in check_names():
                for finding in _run(name, desk):
                    found.append(finding)
                    folder.append(TriedThing(**asdict(finding)))
            id_bits = _id_bits(desk)
            if live.spec.lives_on:
                left = sweep(client, desk.wire, desk.root, stem=desk.stem)
    finally:
        recorder.close()
    return Survey(id_bits=id_bits, findings=tuple(found), left=tuple(left))


def check_names() -> list[str]:
    """Names of the checks, by file."""
    return sorted(module.name for module in pkgutil.iter_modules(checks.__path__))


def _reach(
    live: LiveTarget, recorder: Recorder, folder: RunFolder
) -> tuple[HeaderSource, CatalogClient, Answer]:
    """A client on the first node that answers anything."""
    came: list[str] = []
    for node in live.nodes:
        headers = header_source(live.spec, node.url)
        client = _client(node, headers, recorder, folder)
        answer = ask_config(live.spec, client)
        if answer.answered:
            return headers, client, answer
        client.close()
        came.append(f"{node.url}: {answer.error} {answer.detail[:120]}".rstrip())
    raise TargetError(f"no node answers: {'; '.join(came) or 'the target has none'}; is it up?")


def _client(
    node: Node, headers: HeaderSource, recorder: Recorder, folder: RunFolder
) -> CatalogClient:
    return CatalogClient(
        node.url,
        node=node.index,
        headers=headers,
        recorder=recorder,
        session=session_numbers.SURVEY,
        timeout_s=REQUEST_S_MAX,
        folder=folder,
        source="survey",
    )


def _run(name: str, desk: SurveyDesk) -> Iterator[Finding]:
    """The findings of one check; whatever stops it is a finding that says so, with works null."""
    module = importlib.import_module(f"iceworthy.contract.survey.checks.{name}")
    requirements: tuple[str, ...] = module.REQUIREMENTS
    check: Callable[[SurveyDesk], Iterator[Finding]] = module.check
    if desk.gone:
        yield from _stopped(name, requirements, "the target stopped answering before this check")
        return
    try:
        for finding in check(desk):
            yield replace(finding, check=name)
    except Unanswered as error:
        yield from _stopped(
            name, requirements, f"no answer to {error}", error.asked.curl if error.asked else ""
        )
    except Needs as error:
        yield from _stopped(name, requirements, str(error))
    except Exception as error:  # a body that no check foresaw must not end the survey
        yield from _stopped(name, requirements, f"the check broke on this answer: {error!r}")


def _stopped(
    name: str, requirements: tuple[str, ...], why: str, request: str = ""
) -> Iterator[Finding]:
    for requirement in requirements:
        yield Finding(
            requirement=requirement,
            what=f"the rest of the survey's check {name!r}",
            wanted="an answer to each of its questions",
            came=why[:400],
            request=request,
            works=None,
            check=name,
        )


def _id_bits(desk: SurveyDesk) -> int:
    try:
        return snapshot_range(desk).id_bits
    except (Unanswered, Needs):
        return BITS[-1]
