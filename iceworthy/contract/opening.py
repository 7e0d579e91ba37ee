"""Opens a desk on a running target: finds a node that serves, and reads its configuration.

Claim: a node whose /ready says 200 while /v1/config is not answered is reported as such, with its
answers and their times; it is never mistaken for a target that is not there. Method: each node is
asked for /v1/config; as long as one says that it is ready and does not serve, all that have not
answered are asked again, for up to the target's ready_s. Where no node says that it is ready, one
round is enough.
What this does NOT show: whether the configuration is true; the cases ask that.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from fixtures.samplers.probing import ask_once, probe_url
from iceworthy.client.asker import NO_LOGIN, Asked
from iceworthy.client.auth import HeaderSource, header_source
from iceworthy.client.catalog_client import Answer, CatalogClient
from iceworthy.client.connect import Config, ask_config, read_config, wire_of
from iceworthy.client.wire import Wire
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Opening
from iceworthy.contract.first_answers import be_let_in
from iceworthy.record.known import Known
from iceworthy.record.run_folder import RunFolder
from iceworthy.specification import BY_DEFAULT, advertised_name, operation
from iceworthy.words.errors import TargetError
from iceworthy.words.live import LiveTarget, Node
from iceworthy.words.seeded import name_tag

PAUSE_S = 0.25
NOT_YET = frozenset({502, 503, 504})  # a front or a node that says so itself does not serve yet


@dataclass(slots=True)
class _Candidate:
    """A node that is being asked for its configuration."""

    node: Node
    headers: HeaderSource
    client: CatalogClient
    opening: Opening
    answer: Answer | None = None


def open_desk(
    live: LiveTarget,
    *,
    known: Known,
    seed: int,
    token: str,
    purpose: str,
    timeout_s: float = 10.0,
    early: bool = False,
    folder: RunFolder | None = None,
) -> tuple[Desk, CatalogClient]:
    """A desk, and a client for the sweep, on the first node that serves.

    purpose: stands in all names. timeout_s: of each request. early: as Desk.early. Raises
    TargetError where no node answers, except where one says that it is ready: the desk then has
    the answers (Desk.openings) and serves False. NotLetIn, a TargetError, where the target file
    may be why; folder: where the first answers are recorded.
    """
    candidates = [_candidate(live, node, timeout_s) for node in live.nodes]
    try:
        _ask_all(live, candidates, folder)
        chosen = max(candidates, key=_worth, default=None)
        is_there = chosen is not None and bool(_worth(chosen) or chosen.opening.too_early)
        if folder is not None and (not is_there or any(one.opening.served for one in candidates)):
            be_let_in(live, folder, timeout_s=timeout_s)
        if chosen is None or not is_there:
            found = "; ".join(f"{one.node.url}: {_shown(one.answer)}" for one in candidates)
            raise TargetError(f"no node answers: {found or 'the target has none'}; is it up?")
        config, answer = None, chosen.answer
        if answer is not None and answer.ok:
            config = read_config(answer.json())
        desk = Desk(
            live,
            _wire(live, config),
            [one.headers for one in candidates],
            config=config or Config(),
            stem=f"iw_{purpose}_{name_tag(seed, token)}",
            known=replace(known, endpoints=_endpoints(config)) if config else known,
            first=candidates.index(chosen),
            openings=tuple(one.opening for one in candidates),
            timeout_s=timeout_s,
            early=early,
        )
    except BaseException:
        for one in candidates:
            one.client.close()
        raise
    for one in candidates:
        if one is not chosen:
            one.client.close()
    return desk, chosen.client


def _endpoints(config: Config) -> tuple[str, ...]:
    if config.endpoints is not None:
        return config.endpoints
    return tuple(advertised_name(operation(name)) for name in sorted(BY_DEFAULT))


def probe_asked(node: Node, url: str) -> Asked:
    """The record of a GET of this URL, which is not sent."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    base = f"{parts.scheme}://{parts.netloc}"
    return Asked(node=node.index, url=base, method="GET", path=path)


def _worth(one: _Candidate) -> int:
    """2 for a node that serves, 1 for one that gives any answer at all."""
    return 2 * one.opening.served or int(one.answer is not None and one.answer.answered)


def _wire(live: LiveTarget, config: Config | None) -> Wire:
    return wire_of(live.spec, config or Config())


def _candidate(live: LiveTarget, node: Node, timeout_s: float) -> _Candidate:
    headers = header_source(live.spec, node.url)
    return _Candidate(
        node=node,
        headers=headers,
        client=CatalogClient(node.url, node=node.index, headers=headers, timeout_s=timeout_s),
        opening=Opening(node=node.index),
    )


def _ask_all(
    live: LiveTarget, candidates: list[_Candidate], folder: RunFolder | None = None
) -> None:
    """Ask each node until it serves; again only while one says that it is ready and does not. A
    token that is refused is a matter of the target file, and not waited for: NotLetIn."""
    began = time.monotonic()
    ends_at = began + live.spec.node.ready_s
    while True:
        for one in candidates:
            if not one.opening.served:
                _ask(live, one, began)
        if folder is not None and any(_has_no_login(one) for one in candidates):
            be_let_in(live, folder)
            folder = None  # it was no matter of the file: the token endpoint may come later
        waiting = [one for one in candidates if not one.opening.served and one.opening.is_ready]
        if not waiting or time.monotonic() >= ends_at:
            return
        time.sleep(PAUSE_S)


def _ask(live: LiveTarget, one: _Candidate, began: float) -> None:
    """One request for /v1/config; where it does not come, one for /ready and another for
    /v1/config: a 200 between two failures cannot be a node that became ready meanwhile."""
    if _try(live, one, began):
        return
    endpoint = live.spec.endpoints.ready
    url = probe_url(one.node, endpoint) if endpoint else ""
    is_ready = bool(endpoint) and ask_once(url, ca_file=one.headers.ca_file).status == 200
    one.opening = replace(one.opening, is_ready=is_ready)
    if is_ready and not _try(live, one, began) and not one.opening.too_early:
        found = f"{endpoint} answered 200, and /v1/config before and after it: {_shown(one.answer)}"
        asked = probe_asked(one.node, url)
        one.opening = replace(one.opening, too_early=found, asked=asked)


def _try(live: LiveTarget, one: _Candidate, began: float) -> bool:
    one.answer = ask_config(live.spec, one.client)
    served = one.answer.answered and one.answer.status not in NOT_YET
    waited_s = time.monotonic() - began
    one.opening = replace(one.opening, served=served, waited_s=waited_s)
    return served


def _has_no_login(one: _Candidate) -> bool:
    return one.answer is not None and one.answer.error == NO_LOGIN


def _shown(answer: Answer | None) -> str:
    if answer is None:
        return "not asked"
    if answer.status:
        return f"status {answer.status} {answer.detail[:120]}".rstrip()
    return f"{answer.error} {answer.detail[:120]}".rstrip()
