"""Lines of single requests from older runs: their statuses and requests are read from texts.

Claim: a line that holds neither its statuses (`given` is null) nor its request (`sent` is null)
makes the finding that it made when it was written. Method: regular expressions over `expected`,
`got` and `what`, and the words of the curl line.
What this does NOT show: facts that no text holds, such as the headers of a request.
"""

from __future__ import annotations

import re
import shlex
from itertools import pairwise

from iceworthy.record.contract_lines import CaseResult, Difference, SentRequest, TriedThing

_GIVEN = re.compile(r"\bstatus ([1-5]\d\d)\b")
_WANTED = re.compile(r"\b([1-5]\d\d)\b")


def statuses(line: CaseResult | TriedThing) -> tuple[tuple[int, ...], int]:
    """(expected, given) of "status 404" and "status 500: …"; ((), 0) where the texts name none, or
    something else was wrong."""
    given = _GIVEN.match(line.got)
    if given is None:
        return (), 0
    expected = tuple(map(int, _WANTED.findall(line.expected.partition(":")[0])))
    return ((), 0) if int(given[1]) in expected else (expected, int(given[1]))


def statuses_of_difference(line: Difference) -> tuple[tuple[int, ...], int]:
    """(expected, given) of a difference of the kind status."""
    ours, theirs = (re.match(r"[1-5]\d\d\b", text) for text in (line.expected, line.got))
    if line.kind != "status" or ours is None or theirs is None:
        return (), 0
    return (int(ours[0]),), int(theirs[0])


def fuzzed(what: str) -> tuple[str, str, int]:
    """(operation, kind, times) of "fuzz dropTable: server error (12 times; a null body)"; of any
    other text ("", the text, 1)."""
    found = re.match(r"fuzz (\w+): (.*?)(?: \((\d+) times)", what)
    return (found[1], found[2], int(found[3])) if found else ("", what, 1)


def sent(curl: str) -> SentRequest | None:
    """The request of a curl line; of several lines, the last, which the answer is to."""
    if not curl:
        return None
    try:
        words = shlex.split(curl.splitlines()[-1])
    except ValueError:  # a line that was cut
        return SentRequest(method="", path="", curl=curl)
    after = dict(pairwise(words))
    url = next((word for word in words if "://" in word), "")
    body = after.get("--data-binary") or after.get("--data") or after.get("-d") or ""
    method = "HEAD" if "-I" in words or "--head" in words else after.get("-X", "")
    path = "/" + url.partition("://")[2].partition("/")[2] if url else ""
    method = method or (("POST" if body else "GET") if url else "")
    return SentRequest(method=method, path=path, body=body, curl=curl)
