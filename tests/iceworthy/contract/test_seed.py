"""What the suite asks follows from the seed: names, ids and the order of requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from iceworthy.client.connection import Connection, Exchange
from iceworthy.contract.fuzz.entities import Entities
from iceworthy.contract.inquiries import InquiryPlan
from iceworthy.contract.opening import open_desk
from iceworthy.contract.run import inquire
from iceworthy.record.known import Known

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CLOCK = re.compile(r'"timestamp-ms":\d+')
CASES = ("table_*", "register.*", "rename.*", "idempotency.*", "requirements.*", "view_versions.*")
Sent = list[tuple[str, str, str]]


@pytest.fixture
def sent_by(
    monkeypatch: pytest.MonkeyPatch, tiny_catalog: Any, live_over: Any
) -> Callable[..., Sent]:
    """sent_by(ask): what ask(live) sends to a fresh catalog: method, path, body. Uuids that the
    catalog chose are masked, and so is the clock."""

    def run(ask: Callable[[Any], object]) -> Sent:
        sent: Sent = []
        theirs: set[str] = set()
        original = Connection.request

        def masked(text: str) -> str:
            text = UUID.sub(lambda m: "theirs" if m[0] in theirs else m[0], text)
            return CLOCK.sub("now", text)

        def request(self: Connection, method: str, path: str, **given: Any) -> Exchange:
            body = (given.get("body") or b"").decode()
            sent.append((method, masked(path), masked(body)))
            exchange = original(self, method, path, **given)
            theirs.update(set(UUID.findall(exchange.body.decode())) - set(UUID.findall(body)))
            return exchange

        with monkeypatch.context() as patched:
            patched.setattr(Connection, "request", request)
            ask(live_over(tiny_catalog(), nodes=1))
        return sent

    return run


def _plan(seed: int, token: str, **params: Any) -> InquiryPlan:
    return InquiryPlan(seed=seed, token=token, known=Known(), params=params, say=lambda text: None)


def _survey(seed: int, token: str = "") -> Callable[[Any], object]:
    return lambda live: inquire(live, live.folder, _plan(seed, token), early=True)


def _cases(seed: int, token: str = "") -> Callable[[Any], object]:
    return lambda live: inquire(live, live.folder, _plan(seed, token, cases=CASES))


@pytest.mark.parametrize(("ask", "least"), [(_survey, 300), (_cases, 60)])
def test_the_same_seed_sends_the_same_requests(
    sent_by: Callable[..., Sent], ask: Callable[..., Any], least: int
) -> None:
    first, second = sent_by(ask(1)), sent_by(ask(1))
    differing = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    assert (differing, len(first) >= least) == ([], True)


@pytest.mark.parametrize("ask", [_survey, _cases])
def test_another_seed_or_token_uses_other_names(
    sent_by: Callable[..., Sent], ask: Callable[..., Any]
) -> None:
    def names(sent: Sent) -> set[str]:
        return set(re.findall(r"iw_[a-z]+_[0-9a-f]{8}", str(sent)))

    first, seeded, told = sent_by(ask(1)), sent_by(ask(2)), sent_by(ask(1, "18c1"))
    assert len(names(first)) == len(names(seeded)) == len(names(told)) == 1
    assert len(names(first) | names(seeded) | names(told)) == 3


def test_fuzzing_and_the_cases_use_names_of_their_own(tiny_catalog: Any, live_over: Any) -> None:
    live = live_over(tiny_catalog(), nodes=1)
    stems = []
    for purpose in ("contract", "fuzz"):
        desk, client = open_desk(live, known=Known(), seed=1, token="", purpose=purpose)
        Entities(desk).ready()
        stems.append(desk.stem)
        desk.close()
        client.close()
    assert len(set(stems)) == 2
