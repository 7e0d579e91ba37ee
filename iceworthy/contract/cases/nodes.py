"""Each node by itself: it says that it lives and that it is ready, it serves, it has metrics."""

from __future__ import annotations

from collections.abc import Mapping

from fixtures.samplers.probing import PROBE_S_MAX, ask_once, probe_url
from fixtures.samplers.prometheus import name_of, parse
from iceworthy.client.asker import Asked
from iceworthy.client.connection import Exchange
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Broken, Unanswered
from iceworthy.contract.opening import probe_asked
from iceworthy.words.live import Node

HEALTH, METRICS = "FR-006", "FR-013"


def _probe(
    desk: Desk, node: Node, endpoint: str, headers: Mapping[str, str] | None = None
) -> tuple[Exchange, Asked]:
    """One GET of a probe; Unanswered where no whole answer came."""
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
            wanted = f"node {node.index}, {endpoint}: status 200"
            raise Broken(wanted, f"status {exchange.status}", None, asked=asked)


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
            raise Broken(f"node {node.index}: ready, so no 5xx", reply.said, reply)


@case(
    "",
    requirement=METRICS,
    early=True,
    says="metrics are text in Prometheus' format, and no series is there twice",
)
def metrics_can_be_read(desk: Desk) -> None:
    endpoint = desk.live.spec.endpoints.metrics
    if not endpoint:
        desk.skip("the target's [endpoints] names no metrics")
    for place, node in enumerate(desk.nodes):
        # The login is for the catalog's port; a URL of another host must not get it.
        headers = {} if "://" in endpoint else desk.login(place)
        exchange, asked = _probe(desk, node, endpoint, headers)
        found = parse(exchange.body.decode("utf-8", "replace"))
        names = {name_of(series) for series in found.samples}
        if exchange.status != 200 or not names or found.malformed or found.repeated:
            raise Broken(
                f"node {node.index}, {endpoint}: status 200, samples, each line well-formed "
                f"within {PROBE_S_MAX:.0f} s",
                f"status {exchange.status}; {len(names)} metrics, {found.malformed} malformed "
                f"lines, {found.repeated} series that are there twice",
                None,
                asked=asked,
            )
