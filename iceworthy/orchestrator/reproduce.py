"""`iceworthy reproduce CASE`: makes the scene of one case, and prints its requests as curl lines
or, for a requirement, as steps with their times.

Claim: every line that is printed goes to the stack that is up, whose tables and namespaces are as
the case left them; the line of the answer that decided is marked. A body is whole, whatever its
length. A secret is a shell variable; the lines that export them stand before the first request.
Method: the case is asked as `iceworthy run contract --case` asks it, with each exchange kept.
What it does NOT show: a verdict that counts; `iceworthy run contract --case` judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from iceworthy.client.asker import Asked, Reply
from iceworthy.client.auth import token_url
from iceworthy.client.curl import VARIABLE, token_line
from iceworthy.contract.case import Case, cases_of, subjects
from iceworthy.contract.desk import Desk
from iceworthy.contract.opening import open_desk
from iceworthy.contract.run import CaseEnding, is_like, run_case
from iceworthy.orchestrator.request_checks import refuse_unknown_cases
from iceworthy.record.known import Known
from iceworthy.words.errors import PlanError
from iceworthy.words.foreign import quoted, shown
from iceworthy.words.live import LiveTarget
from iceworthy.words.seeded import new_token
from iceworthy.words.target import TargetSpec

KEPT = 2_000
SAID_MOST = 300
STEP_MOST = 110
TOKEN = "TOKEN"
FIELD = 'import json,sys; print(json.load(sys.stdin)["access_token"])'


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """A case that was asked on a running target. case: its full name; lines: for a shell, with a
    comment for each answer, or for a reader."""

    case: str
    ended: str
    lines: tuple[str, ...]


def case_named(name: str) -> Case:
    """The one case of this name; PlanError where there is none, or more than one."""
    refuse_unknown_cases((name,))
    found = [one for subject in subjects() for one in cases_of(subject) if is_like(one, (name,))]
    exact = [one for one in found if name in (one.full_name, one.name)]
    chosen = exact or found
    if len(chosen) > 1:
        names = ", ".join(quoted(one.full_name) for one in chosen[:5])
        raise PlanError(f"{shown(name)} is {len(chosen)} cases; expected one of: {names}, …")
    return chosen[0]


def cases_about(name: str) -> tuple[Case, ...]:
    """The contract's cases about a requirement; PlanError where nothing decides it."""
    every = (one for subject in subjects() for one in cases_of(subject))
    found = [one for one in every if name == one.requirement or name in one.touches]
    if not found:
        raise PlanError(
            f"{name}: nothing of this version decides it; expected a requirement that is judged "
            "(iceworthy list requirements)"
        )
    return tuple(found)


def reproduce(live: LiveTarget, one: Case, seed: int, say: Callable[[str], None]) -> Reproduced:
    """Ask the case on a target that runs, and leave its scene there."""
    with _desk(live, seed) as desk:
        say(f"asking {one.full_name}")
        ending = run_case(desk, one)
        return Reproduced(
            case=one.full_name, ended=ending.ended, lines=tuple(_lines(desk, one, ending))
        )


def step_by_step(
    live: LiveTarget, cases: Iterable[Case], seed: int, say: Callable[[str], None]
) -> Iterator[Reproduced]:
    """Ask cases on a target that runs; lines: each request and its answer, with the seconds since
    the first request of the case. Example: `  +6.003 s  fetchScanTasks on node 0: status 404 …`."""
    with _desk(live, seed) as desk:
        for one in cases:
            say(f"asking {one.full_name}")
            ending = run_case(desk, one)
            yield Reproduced(
                case=one.full_name, ended=ending.ended, lines=tuple(_steps(desk, one, ending))
            )


@contextmanager
def _desk(live: LiveTarget, seed: int) -> Iterator[Desk]:
    desk, client = open_desk(
        live,
        known=Known(),
        seed=seed,
        token=new_token(lives_on=live.spec.lives_on),
        purpose="contract",
    )
    desk.kept = KEPT
    try:
        yield desk
    finally:
        desk.close()
        client.close()


def _steps(desk: Desk, one: Case, ending: CaseEnding) -> list[str]:
    replies = [reply for reply in desk.recent if reply.exchange.sent_ns]
    zero_ns = min((reply.exchange.sent_ns for reply in replies), default=0)
    lines = [f"{one.full_name}: {shown(one.says)} ({one.place})"]
    for reply in replies:
        at_s = (reply.exchange.completed_ns - zero_ns) / 1e9
        lines.append(f"  {at_s:+9.3f} s  {_answer_line(reply.asked, reply, STEP_MOST)}")
    return [*lines, f"  {_ending(ending)}"]


def _lines(desk: Desk, one: Case, ending: CaseEnding) -> list[str]:
    replies = list(desk.recent)
    asked = [reply.asked for reply in replies]
    if ending.asked is not None and ending.asked not in asked:
        asked.append(ending.asked)  # it got no answer
    sent = [request.whole_curl for request in asked]
    lines = [f"# {one.full_name}: {shown(one.says)} ({one.place})"]
    lines += exports(desk.live.spec, desk.nodes[0].url, asked)
    for number, (request, line) in enumerate(zip(asked, sent, strict=True), 1):
        reply = replies[number - 1] if number <= len(replies) else None
        lines += [f"# {number}. {_answer_line(request, reply)}", line]
        if request is ending.asked:
            lines.append(f"# {number} decides: {_ending(ending)}")
    if ending.asked is None or not asked:
        lines.append(f"# {_ending(ending)}")
    return lines


def exports(spec: TargetSpec, url: str, requests: Sequence[Asked]) -> list[str]:
    """What a shell must know before the lines of these requests: the authority of the nodes'
    certificates, and each variable. Those that the suite made up for this stack come with their
    value; those of the user are named. url: of the node that gives tokens."""
    made_up, auth = spec.keyring.secrets, spec.auth
    needed = dict.fromkeys(name for one in requests for name in _variables(one))
    lines = []
    if spec.keyring.ca_file:
        lines.append(f"export CURL_CA_BUNDLE={quoted(spec.keyring.ca_file)}")
    is_asked_for = TOKEN in needed and auth.kind == "client_credentials"
    if is_asked_for:
        needed = dict.fromkeys((auth.client_id_variable, auth.client_secret_variable)) | needed
        needed.pop(TOKEN)
    for name in needed:
        value = made_up.get(name)
        lines.append(
            f"export {name}={quoted(value)}" if value else f"# needs {name}, from your environment"
        )
    if is_asked_for:
        lines.append(_token_line(spec, url))
    return lines


def _token_line(spec: TargetSpec, url: str) -> str:
    """A line that asks for a token, as the suite does, and exports it."""
    auth = spec.auth
    asks = token_line(
        token_url(spec, url),
        {"client_id": auth.client_id_variable, "client_secret": auth.client_secret_variable},
        auth.scope,
    )
    return f"export {TOKEN}=$({asks} | python3 -c {quoted(FIELD)})"


def _variables(asked: Asked) -> list[str]:
    """The variables in the line of a request, which stand for its secrets."""
    body = (asked.body or b"").decode("utf-8", "replace") if asked.has_variables else ""
    texts = (*asked.login.values(), body)
    return [name[1:] for text in texts for name in VARIABLE.findall(text)]


def _answer_line(asked: Asked, reply: Reply | None, most: int = SAID_MOST) -> str:
    what = asked.operation or f"{asked.method} {asked.path}"
    answer = reply.said if reply is not None else "no answer"
    return shown(f"{what} on node {asked.node}: {' '.join(answer.split())}", most)


def _ending(ending: CaseEnding) -> str:
    if ending.expected:
        return shown(f"{ending.ended}: expected {ending.expected}; got {ending.got}", SAID_MOST)
    return shown(f"{ending.ended}{': ' if ending.got else ''}{ending.got}", SAID_MOST)
