"""Each node by itself: it says that it lives and that it is ready, it serves, it has metrics."""

from __future__ import annotations

import time
from collections.abc import Mapping

from fixtures.samplers.probing import PROBE_S_MAX, ask_once, probe_url
from fixtures.samplers.prometheus import name_of, parse
from iceworthy.client.asker import Asked
from iceworthy.client.connection import Exchange
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Broken, Unanswered, all_busy
from iceworthy.contract.opening import probe_asked
from iceworthy.words.blame import NOT_NOW, EvidenceKind
from iceworthy.words.live import Node
from iceworthy.words.target_text import why_absent

HEALTH, METRICS = "FR-006", "FR-013"
REQUESTS = 25
LATE_S = 15.0
"""How late a catalog may show a count: many collect their figures every 10 s."""
AGAIN_S = 0.25
PROBES_A_SECOND = 15
"""Requests of the suite's samplers that a node may count meanwhile, with room."""
COUNTING = ("_total", "_count")


def _probe(
    desk: Desk, node: Node, endpoint: str, headers: Mapping[str, str] | None = None
) -> tuple[Exchange, Asked]:
    """One GET of a probe; Unanswered where no whole answer arrived."""
    url = probe_url(node, endpoint)
    exchange = ask_once(url, headers=headers, ca_file=desk.ca_file)
    asked = probe_asked(node, url)
    if not exchange.complete:
        raise Unanswered(f"no answer to GET {url}: {exchange.error} {exchange.detail}", asked)
    return exchange, asked


@case(
    "",
    requirement=HEALTH,
    early=True,
    each=("health", "ready"),
    says="a node that works and reaches its database answers its probes with 200",
)
def each_node_answers_its_probes(desk: Desk, probe: str) -> None:
    endpoint: str = getattr(desk.live.spec.endpoints, probe)
    if not endpoint:
        desk.skip(f"the target's [endpoints] names no {probe}")
    for node in desk.nodes:
        exchange, asked = _probe(desk, node, endpoint)
        if exchange.status != 200:
            expected = f"node {node.index}, {endpoint}: status 200"
            absent = why_absent(desk.live.spec, probe, exchange.status)
            busy = EvidenceKind.BUSY if exchange.status in NOT_NOW else None
            evidence = EvidenceKind.ABSENT if absent else busy
            found = absent or f"status {exchange.status}"
            raise Broken(expected, found, None, asked=asked, evidence=evidence)


@case(
    "",
    requirement=HEALTH,
    early=True,
    says="a node that says that it is ready serves requests",
)
def a_node_that_says_it_is_ready_serves(desk: Desk) -> None:
    endpoint = desk.live.spec.endpoints.ready
    if not endpoint:
        desk.skip("the target's [endpoints] names no ready")
    for one in desk.openings:
        if one.too_early:
            until = f"; it served after {one.waited_s:.1f} s" if one.served else ""
            raise Broken(
                f"node {one.node}: no 200 at {endpoint} before it serves",
                f"{one.too_early}{until}",
                None,
                asked=one.asked,
            )
    for place, node in enumerate(desk.nodes):
        exchange, _ = _probe(desk, node, endpoint)
        if exchange.status != 200:
            desk.skip(
                f"node {node.index} does not say that it is ready: status {exchange.status}",
                left_to="nodes.each_node_answers_its_probes[ready]",
            )
        reply = desk.do("getConfig", query=desk.config_query, node=place)
        if reply.status >= 500:
            promised = f"node {node.index}: ready, so no 5xx"
            raise Broken(promised, reply.said, reply, evidence=all_busy([reply]))


@case(
    "",
    requirement=METRICS,
    early=True,
    says="metrics are text in Prometheus' format, and no series is there twice",
)
def metrics_can_be_read(desk: Desk) -> None:
    endpoint = _metrics_endpoint(desk)
    for place, node in enumerate(desk.nodes):
        exchange, asked = _scrape(desk, place, endpoint)
        found = parse(exchange.body.decode("utf-8", "replace"))
        names = {name_of(series) for series in found.samples}
        if absent := why_absent(desk.live.spec, "metrics", exchange.status):
            expected = f"node {node.index}, {endpoint}: status 200"
            raise Broken(expected, absent, None, asked=asked, evidence=EvidenceKind.ABSENT)
        if exchange.status != 200 or not names or found.malformed or found.repeated:
            raise Broken(
                f"node {node.index}, {endpoint}: status 200, samples, each line well-formed "
                f"within {PROBE_S_MAX:.0f} s",
                f"status {exchange.status}; {len(names)} metrics, {found.malformed} malformed "
                f"lines, {found.repeated} series that are there twice",
                None,
                asked=asked,
            )


@case(
    "",
    requirement=METRICS,
    slow_s=LATE_S,
    says="counters only rise: of the requests that were answered, they show the number",
    place="FR-013",
)
def a_counter_rises_with_the_requests(desk: Desk) -> None:
    endpoint = _metrics_endpoint(desk)
    for place, node in enumerate(desk.nodes):
        began, before = time.monotonic(), _counters(desk, place, endpoint)
        for _ in range(REQUESTS):
            desk.need(desk.do("getConfig", query=desk.config_query, node=place))
        last = before
        while True:
            waited_s = time.monotonic() - began
            after = _counters(desk, place, endpoint)
            if node.lifecycle is None and any(after[name] < last.get(name, 0.0) for name in after):
                desk.skip("counters fall: several processes answer at this address")
            last = after
            most = 2 * REQUESTS + PROBES_A_SECOND * waited_s
            rises = {name: after[name] - before.get(name, 0.0) for name in after}
            if any(REQUESTS <= rise <= most for rise in rises.values()):
                break
            if waited_s > LATE_S:
                highest = max(rises, key=lambda name: rises[name], default="")
                shown = f"{highest} rose by {rises[highest]:g}" if highest else "there is none"
                raise Broken(
                    f"node {node.index}, {endpoint}: a counter that rises by about {REQUESTS} "
                    f"with {REQUESTS} answered requests, within {LATE_S:.0f} s",
                    f"of {len(rises)} counters the highest: {shown}",
                    None,
                    asked=probe_asked(node, probe_url(node, endpoint)),
                )
            time.sleep(AGAIN_S)


def _metrics_endpoint(desk: Desk) -> str:
    endpoint = desk.live.spec.endpoints.metrics
    if not endpoint:
        desk.skip("the target's [endpoints] names no metrics")
    return endpoint


def _scrape(desk: Desk, place: int, endpoint: str) -> tuple[Exchange, Asked]:
    # The login is for the catalog's port; a URL of another host must not get it.
    headers = {} if "://" in endpoint else desk.login(place)
    return _probe(desk, desk.nodes[place], endpoint, headers)


def _counters(desk: Desk, place: int, endpoint: str) -> dict[str, float]:
    """Every sample whose name or type says that it counts, and the sum of each family's."""
    exchange, _ = _scrape(desk, place, endpoint)
    if exchange.status != 200:
        desk.skip(f"{endpoint} is answered {exchange.status}", left_to="nodes.metrics_can_be_read")
    found = parse(exchange.body.decode("utf-8", "replace"))
    counts: dict[str, float] = {}
    for series, value in found.samples.items():
        name = name_of(series)
        if found.types.get(name) == "counter" or name.endswith(COUNTING):
            counts[series] = value
            if series != name:
                counts[name] = counts.get(name, 0.0) + value
    return counts
