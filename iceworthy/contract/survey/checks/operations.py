"""Each node answers for its health and readiness, and its metrics can be read."""

from __future__ import annotations

import time
from collections.abc import Iterator

from fixtures.samplers.probing import PROBE_S_MAX, ask_once, probe_url
from fixtures.samplers.prometheus import name_of, parse
from iceworthy.client.connection import Exchange
from iceworthy.contract.survey.desk import Finding, SurveyDesk

REQUIREMENTS = ("FR-006", "FR-013")


def check(desk: SurveyDesk) -> Iterator[Finding]:
    endpoints = desk.live.spec.endpoints
    for node in desk.live.nodes:
        for what, endpoint in (("liveness", endpoints.health), ("readiness", endpoints.ready)):
            if not endpoint:
                yield _absent("FR-006", what, node.index)
                continue
            url = probe_url(node, endpoint)
            start = time.monotonic()
            exchange = ask_once(url)
            took_ms = (time.monotonic() - start) * 1000
            yield _finding(
                "FR-006",
                f"{what} of node {node.index} at {endpoint}",
                url,
                wanted="status 200",
                came=f"{_said(exchange)} after {took_ms:.0f} ms",
                exchange=exchange,
                works=exchange.status == 200,
            )
        if not endpoints.metrics:
            yield _absent("FR-013", "metrics", node.index)
            continue
        url = probe_url(node, endpoints.metrics)
        exchange = ask_once(url, headers=desk.headers_for(endpoints.metrics))
        found = parse(exchange.body.decode("utf-8", "replace"))
        names = {name_of(series) for series in found.samples}
        yield _finding(
            "FR-013",
            f"metrics of node {node.index} at {endpoints.metrics}",
            url,
            wanted="status 200, samples, every line well-formed",
            came=f"{_said(exchange)}; {len(names)} metrics, {len(found.samples)} series, "
            f"{found.malformed} malformed lines, {found.repeated} repeated",
            works=exchange.status == 200
            and bool(names)
            and not found.malformed
            and not found.repeated,
            exchange=exchange,
        )


def _said(exchange: Exchange) -> str:
    return f"status {exchange.status}" if exchange.complete else exchange.error


def _absent(requirement: str, what: str, node: int) -> Finding:
    """The target file says that there is none: nobody asks, nobody can tell."""
    return Finding(
        requirement=requirement,
        what=f"{what} of node {node}",
        wanted="an endpoint for it",
        came=f"the target has no {what} endpoint",
        request="",
        works=None,
    )


def _finding(
    requirement: str,
    what: str,
    url: str,
    *,
    wanted: str,
    came: str,
    exchange: Exchange,
    works: bool,
) -> Finding:
    """An endpoint that gives no whole answer in a calm moment is unknown, not missing."""
    return Finding(
        requirement=requirement,
        what=what,
        wanted=f"{wanted} within {PROBE_S_MAX:.0f} s",
        came=came,
        request=f"curl -sS -i '{url}'",
        works=works if exchange.complete else None,
    )
