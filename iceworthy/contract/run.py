"""The experiment "contract": each case runs once, one after the other, and leaves one line.

Claim: cases.jsonl has one line for every case that exists, also for a case that was skipped or
could not be decided, with the reason. A figure over the cases is therefore a figure over all of
them. Method: a case is skipped if its operation is not advertised or a capability is missing. If
the target stops answering, the remaining cases are unknown. What it does NOT show: behaviour under
load.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iceworthy.client.asker import Asked
from iceworthy.client.auth import header_source
from iceworthy.client.catalog_client import CatalogClient
from iceworthy.client.cleanup import sweep
from iceworthy.client.connect import Config, ask_config, read_config, wire_of
from iceworthy.contract.capabilities import missing
from iceworthy.contract.case import Case, cases_of, subjects
from iceworthy.contract.desk import Broken, Desk, Needs, Skipped, Unanswered
from iceworthy.record.contract_lines import AdvertisedOperation, CaseResult
from iceworthy.record.run_folder import RunFolder
from iceworthy.specification import OPERATIONS, advertised_name
from iceworthy.words.errors import TargetError
from iceworthy.words.live import LiveTarget
from iceworthy.words.seeded import name_tag

CONTRACT_S_MAX = 420.0
GONE_AFTER = 6  # after so many cases in a row without an answer, the target counts as gone
PHASES: Mapping[str, tuple[str, ...]] = {
    "namespaces": (
        "listNamespaces",
        "createNamespace",
        "loadNamespaceMetadata",
        "namespaceExists",
        "dropNamespace",
        "updateProperties",
    ),
    "tables": (
        "listTables",
        "createTable",
        "loadTable",
        "updateTable",
        "dropTable",
        "tableExists",
        "renameTable",
        "registerTable",
    ),
    "views": (
        "listViews",
        "createView",
        "loadView",
        "replaceView",
        "dropView",
        "viewExists",
        "renameView",
    ),
    "scans": ("planTableScan", "fetchPlanningResult", "cancelPlanning", "fetchScanTasks"),
    "transactions": ("commitTransaction",),
}
"""The operations of a complete catalog, by subject; the specification makes all of them
optional."""
PHASE_OF = {name: phase for phase, names in PHASES.items() for name in names}
PROBLEMS_MOST = 6
TEXT_MOST = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEnding:
    """How a case ended: holds, broken, skipped or unknown, with the reason."""

    ended: str
    wanted: str = ""
    came: str = ""
    asked: Asked | None = None
    expected: tuple[int, ...] = ()
    given: int = 0


def inquire(
    live: LiveTarget,
    folder: RunFolder,
    *,
    seed: int,
    token: str = "",
    id_bits: int,
    params: Mapping[str, Any],
    say: Callable[[str], None],
) -> list[str]:
    """Run every case; returns the names that could not be dropped from a permanent target."""
    desk, client = open_desk(live, id_bits=id_bits, seed=seed, token=token, purpose="contract")
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
    ends_at = time.monotonic() + CONTRACT_S_MAX
    silent, done = 0, 0
    try:
        for subject, case in _all(folder, params.get("cases") or ("*",)):
            why = ""
            if silent >= GONE_AFTER:
                why = "the target stopped answering before this case"
            elif time.monotonic() > ends_at:
                why = f"the suite's {CONTRACT_S_MAX:.0f} s were over before this case"
            began = time.monotonic()
            outcome = CaseEnding(ended="unknown", came=why) if why else run_case(desk, case)
            gone = outcome.ended == "unknown" and outcome.came.startswith("no answer")
            silent = silent + 1 if gone else silent * (outcome.ended == "skipped")
            folder.append(CaseResult(**_line(desk, case, outcome, time.monotonic() - began)))
            done += 1
            if done % 10 == 0:
                say(f"{done} cases, {subject}")
        if not live.spec.lives_on:
            return []
        return sweep(client, desk.wire, desk.root, stem=desk.stem)
    finally:
        desk.close()
        client.close()


def open_desk(
    live: LiveTarget, *, id_bits: int, seed: int, token: str, purpose: str
) -> tuple[Desk, CatalogClient]:
    """A desk for a running target, set up from its /v1/config; TargetError if it does not
    answer."""
    headers = [header_source(live.spec, node.url) for node in live.nodes]
    client = CatalogClient(live.nodes[0].url, node=0, headers=headers[0])
    answer = ask_config(live.spec, client)
    if not answer.answered:
        client.close()
        raise TargetError(f"{live.nodes[0].url} does not answer: {answer.error}; is it up?")
    config = (read_config(answer.json()) if answer.ok else None) or Config()
    wire = wire_of(live.spec, config)
    stem = f"iw_{purpose}_{name_tag(seed, token)}"
    return Desk(live, wire, headers, config=config, stem=stem, id_bits=id_bits), client


def run_case(desk: Desk, one: Case) -> CaseEnding:
    """Run one case; any exception becomes an outcome."""
    desk.begin()
    if why := not_applicable(desk, one):
        return CaseEnding(ended="skipped", came=why)
    try:
        one.body(desk, *one.values)
    except Broken as error:
        return CaseEnding(
            ended="broken",
            wanted=error.wanted,
            came=error.came,
            asked=error.asked,
            expected=error.expected,
            given=error.given,
        )
    except Skipped as error:
        return CaseEnding(ended="skipped", came=str(error))
    except (Needs, Unanswered) as error:
        return CaseEnding(ended="unknown", came=str(error), asked=_last(desk))
    except Exception as error:  # an answer that the case did not expect must not end the run
        return CaseEnding(
            ended="unknown", came=f"the case broke on this answer: {error!r}", asked=_last(desk)
        )
    return CaseEnding(ended="holds")


def not_applicable(desk: Desk, one: Case) -> str:
    """Why a case does not apply to this target; "" if it applies."""
    for operation_id in (one.about, *one.uses):
        if operation_id and not desk.offers(operation_id):
            return f"{operation_id} is not advertised"
    return missing(desk, one.needs)


def _all(folder: RunFolder, patterns: Sequence[str]) -> list[tuple[str, Case]]:
    """The cases whose name, with or without the file's name, matches one of the patterns."""
    found = _readable(folder)
    if "*" in patterns:
        return found
    return [(subject, one) for subject, one in found if is_like(one, patterns)]


def is_like(one: Case, patterns: Sequence[str]) -> bool:
    """Whether a case's name, with or without its file's, or its operation fits one pattern."""
    names = (one.name, f"{one.subject}.{one.name}", one.about)
    # fnmatch would read the brackets of a case's label as a set of characters
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name)
        for pattern in patterns
        for name in names
    )


def _readable(folder: RunFolder) -> list[tuple[str, Case]]:
    found = []
    for subject in subjects():
        try:
            found += [(subject, one) for one in cases_of(subject)]
        except Exception as error:  # a broken file of cases affects only its own cases
            folder.append(
                CaseResult(
                    case=f"{subject}.(file)",
                    about="",
                    requirement="SC-001",
                    ended="unknown",
                    came=f"the file of cases is broken: {error!r}",
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
            "came": reply.said,
        }
        for reply in desk.recent
        if reply.problems
    ]
    shown = outcome.asked or _last(desk)
    return {
        "case": f"{one.subject}.{one.name}",
        "about": one.about,
        "requirement": one.requirement,
        "says": one.says,
        "ended": outcome.ended,
        "wanted": outcome.wanted[:TEXT_MOST],
        "came": outcome.came[:TEXT_MOST],
        "seconds": round(seconds, 4),
        "request": shown.curl if shown else "",
        "expected": outcome.expected,
        "given": outcome.given,
        "sent": shown.sent if shown else None,
        "schema": problems[:3],
        "answers": desk.answers,
        "t_ns": time.monotonic_ns(),
    }


def _last(desk: Desk) -> Asked | None:
    return desk.recent[-1].asked if desk.recent else None
