"""Histories written as text, one operation a line, made into a run on disk by the real recorder.

    s1@0 10..14 updateTable hot/t add=b on=a -> 200 uuid=T chain=a,b

is: session 1 on node 0 sent a commit of snapshot b on parent a at 10 ms, and 4 ms later had a 200
that showed table T with the chain a, b. Sessions named "audit" set FLAG_AUDIT.
request   add=NAME on=NAME|null (no on: nothing asserted); set=k:v,k:v remove=k,k; to=KEY;
          expired=NAME,NAME; rolled_back=NAME; member: the second table of the transaction whose
          first table is in the line before
answer    a status; reset (none came); torn200 (cut short); refused or deadline (never sent)
          uuid=NAME chain=a,b (a read's head, count and hash) or head=a (not parsed further);
          full (all facts) with, where they differ: snapshots=a<null,b<a seq=1,2 last=2 log=a,b
          main=b current=b; props=k:v; names=KEY,KEY first_op=N; at=LOCATION; resent; flushed=MS;
          type=ERROR;
          fresh (the connection's first)
Snapshot names stand for 62-bit ids; #N is the id N itself.
Other lines: "# text"; "# expect: words of the reason"; "worker NAME"; "! torn BYTES"; and
"! STREAM k=v ..." and "! plan k=v ...", where values are JSON and 12ms is an instant.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from iceworthy.record.history import (
    FLAG_AUDIT,
    FLAG_MEMBER,
    FLAG_RESENT,
    FLAG_REUSED,
    FLAG_TORN,
    NO_ASSERTION,
    NULL_PARENT,
    UNIT,
    Recorder,
    chain_hash,
    text_hash,
)
from iceworthy.record.known import Known
from iceworthy.record.plan import Plan
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.operation import is_mutation
from iceworthy.words.outcome import classify
from tests.streams import append_line

START_NS = 1_000_000_000
LINE = re.compile(r"(\w+)@(\d+)\s+([\d.]+)\.\.([\d.]+)\s+(\w+)\s+(\S+)\s*(.*?)\s*->\s*(\w+)\s*(.*)")


def instant(ms: str) -> int:
    return START_NS + round(float(ms) * 1e6)


def snapshot_id(name: str) -> int:
    return int(name[1:]) if name.startswith("#") else text_hash(name) >> 3 | 1 << 61


def ids(names: str) -> list[int]:
    return [snapshot_id(name) for name in names.split(",") if name]


def key_in(text: str) -> str:
    return text.replace(".", UNIT)


def pairs(text: str) -> dict[str, str]:
    return dict(item.split(":", 1) for item in text.split(",") if item)


def tokens(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in text.split())}


def write_run(source: Path, root: Path) -> str:
    """Make the run of a text file; returns the words that the reason must hold."""
    folder, expected = RunFolder(root), ""
    recorders = {"load-0": Recorder(folder.history, "load-0")}
    recorder, torn = recorders["load-0"], 0
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split()
        if line.startswith("# expect:"):
            expected = line.removeprefix("# expect:").strip()
        elif not words or line.startswith("#"):
            continue
        elif words[0] == "worker":
            recorder = recorders.setdefault(words[1], Recorder(folder.history, words[1]))
        elif words[:2] == ["!", "torn"]:
            torn = int(words[2])
        elif words[0] == "!":
            write_line(folder, words[1], words[2:])
        else:
            match = LINE.fullmatch(line.strip())
            assert match, f"{source}:{number}: {line}"
            write_operation(recorder, *match.groups())
    for one in recorders.values():
        one.close()
    if torn:
        with open(folder.history / "load-0.ops", "ab") as file:
            file.write(b"\x01" * torn)
    return expected


def write_line(folder: RunFolder, stream: str, words: list[str]) -> None:
    facts = {}
    for word in words:
        name, _, value = word.partition("=")
        in_ms = re.fullmatch(r"([\d.]+)ms", value)
        try:
            facts[name] = instant(in_ms[1]) if in_ms else json.loads(value)
        except ValueError:
            facts[name] = value
    if stream == "plan":
        urls = tuple(facts.pop("node_urls", ()))
        known = Known(**facts.pop("known", {}))
        folder.write_plan(Plan(experiment="written", node_urls=urls, known=known, **facts))
    else:
        append_line(folder, stream, **facts)


def write_operation(
    recorder: Recorder,
    who: str,
    node: str,
    sent_ms: str,
    completed_ms: str,
    operation: str,
    key: str,
    request_text: str,
    answer: str,
    shown_text: str,
) -> None:
    request, shown = tokens(request_text), tokens(shown_text)
    sent, completed = instant(sent_ms), instant(completed_ms)
    unsent = answer in ("refused", "deadline")
    status = int(re.sub(r"\D", "", answer) or 0)
    chain = ids(shown.get("chain", ""))
    flags = flags_of(who, answer, shown | request)
    outcome = classify(
        mutation=is_mutation(operation),
        status=status,
        sent_bytes=not unsent,
        complete=status > 0 and not flags & FLAG_TORN,
    )
    value, parent = written(request, operation)
    if operation == "loadTable":
        value, parent = -1, NO_ASSERTION
        if "chain" in shown:
            value, parent = (chain[-1] if chain else -1), len(chain)
        elif "head" in shown:
            value, parent = ids(shown["head"])[0], 0
        parent = int(shown.get("count", parent))
    flushed = instant(shown["flushed"]) if "flushed" in shown else sent + 1000
    numbers = [int(n) for n in shown["seq"].split(",")] if "seq" in shown else []
    numbers = numbers or list(range(1, len(chain) + 1))
    number = recorder.record(
        sent,
        0 if unsent else sent,
        0 if unsent else flushed,
        completed,
        value,
        parent,
        int(shown.get("last", max(numbers, default=0))) if "chain" in shown else -1,
        chain_hash(chain) if "chain" in shown else 0,
        text_hash(shown["uuid"]) if "uuid" in shown else 0,
        text_hash(shown["at"]) if "at" in shown else 0,
        900 if who == "audit" else int(who[1:]),
        recorder.intern(key_in(key)),
        recorder.intern(answer if unsent else shown.get("type", "")),
        100,
        recorder.intern(operation),
        status,
        flags,
        int(node),
        outcome,
    )
    write_facts(recorder, number, request, facts_of(request, shown, chain, numbers))


def write_facts(
    recorder: Recorder, number: int, request: dict[str, str], facts: dict[str, Any]
) -> None:
    if "member" in request:
        recorder.seen(number - 1, transaction=[number - 1, number])
    if facts:
        recorder.seen(number, **facts)


def flags_of(who: str, answer: str, shown: dict[str, str]) -> int:
    flags = FLAG_AUDIT if who == "audit" else 0
    flags |= 0 if "fresh" in shown else FLAG_REUSED
    flags |= FLAG_RESENT if "resent" in shown else 0
    flags |= FLAG_MEMBER if "member" in shown else 0
    return flags | (FLAG_TORN if answer.startswith("torn") else 0)


def written(request: dict[str, str], operation: str) -> tuple[int, int]:
    """(value, parent) of a mutation's record."""
    parent = NO_ASSERTION
    if "on" in request:
        parent = NULL_PARENT if request["on"] == "null" else ids(request["on"])[0]
    if "add" in request:
        return ids(request["add"])[0], parent
    token = ",".join(pairs(request.get("set", "")).values())
    return (snapshot_id(token) if token else 0), parent


def facts_of(
    request: dict[str, str], shown: dict[str, str], chain: list[int], numbers: list[int]
) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if "set" in request or "remove" in request:
        removed = request.get("remove", "")
        facts |= {
            "set": pairs(request.get("set", "")),
            "removed": removed.split(",") if removed else [],
        }
    if "to" in request:
        facts["destination"] = key_in(request["to"])
    if "expired" in request:
        facts["expired"] = ids(request["expired"])
    if "rolled_back" in request:
        facts["rolled_back"] = ids(request["rolled_back"])[0]
    if "props" in shown:
        facts["properties"] = pairs(shown["props"])
    if "names" in shown:
        names = [key_in(name) for name in shown["names"].split(",") if name]
        facts |= {"names": names, "pages": 1, "complete": True}
    if "first_op" in shown:
        facts["first_op"] = int(shown["first_op"])
    if "full" in shown:
        facts = full(shown, chain, numbers) | facts
    return facts


def full(shown: dict[str, str], chain: list[int], numbers: list[int]) -> dict[str, Any]:
    listed: list[list[Any]] = [
        [one, chain[i - 1] if i else None, n]
        for i, (one, n) in enumerate(zip(chain, numbers, strict=False))
    ]
    if "snapshots" in shown:
        links = [item.split("<") for item in shown["snapshots"].split(",")]
        numbers = numbers if "seq" in shown else list(range(1, len(links) + 1))
        listed = [
            [ids(one)[0], None if parent == "null" else ids(parent)[0], number]
            for (one, parent), number in zip(links, numbers, strict=True)
        ]
    head = chain[-1] if chain else None

    def override(name: str) -> int | None:
        if name not in shown:
            return head
        return None if shown[name] == "null" else ids(shown[name])[0]

    return {
        "uuid": "",
        "location": "",
        "metadata_location": "",
        "current": override("current"),
        "main": override("main"),
        "snapshots": listed,
        "last_sequence": int(shown.get("last", max(numbers, default=0))),
        "log": ids(shown["log"]) if "log" in shown else chain,
        "metadata_log": [],
        "properties": {},
    }
