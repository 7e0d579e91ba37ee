"""A client's first request: /v1/config gives prefix, namespace separator and endpoints.

Claim: the Wire is the one that a client configured for this target would use.
Method: GET /v1/config; overrides win over defaults. The prefix is used as given, as the Java and
Python clients do. The separator is decoded, since the specification sends it percent-encoded, and
stands in paths as it was sent.
What it does NOT show: whether the advertised endpoints work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from iceworthy.client.auth import HeaderSource
from iceworthy.client.catalog_client import Answer, CatalogClient
from iceworthy.client.wire import Wire
from iceworthy.record.history import UNIT
from iceworthy.specification import operations_offered
from iceworthy.words.errors import PlanError, TargetError
from iceworthy.words.target import TargetSpec

__all__ = ["wire_for"]

CONFIG_S_MAX = 10.0

# Printable ASCII that may stand in a request's path; "%" too: a prefix may come encoded.
_LEGAL = "/%:@!$&'()*+,;=-._~"
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The answer of /v1/config. endpoints: None when the server does not send the field;
    path_separator: as in iceworthy.client.wire.Wire."""

    prefix: str = ""
    separator: str = UNIT
    path_separator: str = ""
    endpoints: tuple[str, ...] | None = None
    defaults: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, str] = field(default_factory=dict)


def read_config(body: Any) -> Config | None:
    """The Config in a parsed body; None when the body holds no configuration."""
    if not isinstance(body, dict):
        return None
    defaults = _texts(body.get("defaults"))
    overrides = _texts(body.get("overrides"))
    settings = {**defaults, **overrides}
    listed = body.get("endpoints")
    sent = settings.get("namespace-separator", "")
    separator = unquote(sent) or UNIT
    return Config(
        prefix=quote(settings.get("prefix", ""), safe=_LEGAL),
        separator=separator,
        path_separator=sent if _ENCODED.fullmatch(sent) and sent != quote(separator) else "",
        endpoints=tuple(str(e) for e in listed) if isinstance(listed, list) else None,
        defaults=defaults,
        overrides=overrides,
    )


def wire_of(spec: TargetSpec, config: Config) -> Wire:
    """The Wire of a target with this configuration; the target file's prefix wins as it is."""
    prefix = config.prefix if spec.catalog.prefix is None else spec.catalog.prefix
    for name, text in (("base", spec.catalog.base), ("prefix", prefix)):
        if any(not "!" <= character <= "~" for character in text):
            raise PlanError(f"[catalog] {name} {text!r} cannot stand in a path; percent-encode it")
    return Wire(
        base=spec.catalog.base,
        prefix=prefix,
        separator=config.separator,
        path_separator=config.path_separator,
        location=spec.catalog.location,
        offered=operations_offered(config.endpoints, prefix),
    )


def ask_config(spec: TargetSpec, client: CatalogClient) -> Answer:
    """GET /v1/config with the target's warehouse."""
    return client.ask(Wire(base=spec.catalog.base).config(spec.catalog.warehouse))


def wire_for(spec: TargetSpec, url: str, headers: HeaderSource) -> Wire:
    """Ask one node for its configuration; TargetError when it gives none and one is needed."""
    with CatalogClient(url, node=0, headers=headers, timeout_s=CONFIG_S_MAX) as client:
        answer = ask_config(spec, client)
    config = read_config(answer.json()) if answer.ok else None
    if config is not None:
        return wire_of(spec, config)
    if spec.catalog.prefix is not None:
        # The target file says what is needed; that /v1/config fails is a case of the contract.
        return wire_of(spec, Config())
    said = f"status {answer.status}" if answer.status else answer.error
    raise TargetError(
        f"{url}{spec.catalog.base}/v1/config gave no configuration ({said} {answer.detail[:120]}); "
        "check [catalog] base and warehouse and [auth], or set [catalog] prefix"
    )


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(key): str(text) for key, text in value.items() if text is not None}
