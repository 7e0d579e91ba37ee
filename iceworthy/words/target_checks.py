"""Checks the values of a target file beyond their types: ranges, paths, URLs, placeholders.

Claim: a target that passes has only values that its readers can take: every URL has a host and a
port from 1 to 65535, every number is finite and within its range, every path can stand in a
request line. Example: `metrics = "http://:9000"` is a PlanError here, and not an exception of the
sampler in the middle of a run.
What this does NOT show: that anything answers there.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any
from urllib.parse import urlsplit

from iceworthy import discovery
from iceworthy.words.errors import PlanError
from iceworthy.words.target import (
    CREDENTIALS,
    AuthSpec,
    DatabaseSpec,
    EndpointSpec,
    NodeSpec,
    TargetSpec,
)

PLACEHOLDERS = frozenset(
    {
        "host",
        "port",
        "admin_port",
        "db_host",
        "db_port",
        "db_user",
        "db_password",
        "db_name",
        "warehouse",
        "s3_endpoint",
        "s3_region",
        "s3_bucket",
        "s3_access_key",
        "s3_secret_key",
        "s3_role_arn",
        "python",
        "node",
        "run",
        "suite",
        "tls_cert",
        "tls_key",
        "tls_ca",
        *CREDENTIALS,
    }
)
ENDPOINT_PLACEHOLDERS = frozenset({"host", "port", "admin_port", "node"})
EXPIRY_S_MAX = 365 * 86_400.0
SHOWN_MOST = 80
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}")
_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*|env:[A-Za-z_]\w*)\}")


def running_already(
    parts: Mapping[str, Any], table: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """Nodes that run already stand on a database that is not the suite's."""
    node: NodeSpec = parts["node"]
    if node.is_started:
        key = "command" if node.command else "image"
        raise PlanError(
            f"{where}: [node] has both {key} and urls; give {key} for nodes that the suite "
            "starts, urls for nodes that run already"
        )
    if table.get("database", {}).get("kind", "hidden") != "hidden":
        raise PlanError(
            f"{where}: [database] kind must be 'hidden' where [node] urls are given: the suite's "
            "PostgreSQL cannot stand under nodes that run already"
        )
    if table.get("storage", {}).get("kind", "folder") != "folder":
        raise PlanError(
            f"{where}: [storage] kind must be left out where [node] urls are given: the suite's "
            "store cannot stand under nodes that run already"
        )
    if table["node"].get("count", len(node.urls)) != len(node.urls):
        raise PlanError(
            f"{where}: [node] count is {node.count}, but urls names {len(node.urls)}; leave "
            "count out"
        )
    if "start" in table["node"]:
        raise PlanError(
            f"{where}: [node] start must be left out where urls are given: the suite starts no "
            "node there"
        )
    return {"node": replace(node, count=len(node.urls)), "database": DatabaseSpec(kind="hidden")}


def check_target(spec: TargetSpec, where: str) -> None:
    """PlanError for the first value that no reader of the target could use."""
    node, auth = spec.node, spec.auth
    if not node.is_started and not node.urls:
        raise PlanError(
            f"{where}: [node] wants command (how to start a node), image (of a container that "
            "starts it) or urls (where the nodes run already); all are missing"
        )
    if node.image and not _IMAGE.fullmatch(node.image):
        raise PlanError(
            f"{where}: [node] image: expected an image's name such as 'acme/catalog:1.2', or with "
            f"its digest; got {node.image[:SHOWN_MOST]!r}"
        )
    if not 1 <= node.count <= 16:
        raise PlanError(f"{where}: [node] count: expected 1 to 16; got {node.count}")
    for key, seconds in (("ready_s", node.ready_s), ("stop_s", node.stop_s)):
        if not 0 < seconds <= 3600:
            raise PlanError(
                f"{where}: [node] {key}: expected more than 0 and at most 3600 seconds; got "
                f"{seconds:g}"
            )
    for url in node.urls:
        if not re.fullmatch(r"https?://[^/?#\s@\\]+/?", url) or not _has_port(url):
            raise PlanError(
                f"{where}: [node] urls: expected http://HOST:PORT without a path (the path before "
                f"/v1 is [catalog] base) or a login; got {url[:SHOWN_MOST]!r}"
            )
        _check_url(url, ("http", "https"), f"{where}: [node] urls")
    _check_environment(node, where)
    expiry_s = spec.plans.expiry_s
    if not 0 <= expiry_s <= EXPIRY_S_MAX:
        raise PlanError(
            f"{where}: [plans] expiry_s: expected 0 (not known) to {EXPIRY_S_MAX:g} seconds; got "
            f"{expiry_s:g}"
        )
    _check_paths(spec, where)
    _check_auth(auth, where)
    if spec.tls.kind == "own" and node.urls:
        raise PlanError(
            f'{where}: [tls] kind = "own" is for nodes that the suite starts; nodes that run '
            "already are asked at their urls (https://…); trust their authority by SSL_CERT_FILE"
        )
    texts = [("command", text) for text in node.command]
    texts += [(f"environment.{name}", text) for name, text in node.environment.items()]
    for key, text in texts:
        _check_placeholders(text, PLACEHOLDERS, f"{where}: [node] {key}")
        _check_given(text, spec, f"{where}: [node] {key}")


def _check_auth(auth: AuthSpec, where: str) -> None:
    needed = {
        "token": ("token_variable",),
        "client_credentials": ("client_id_variable", "client_secret_variable"),
        "api_key": ("api_key_variable",),
    }
    given = [f"{name}_variable" for name in CREDENTIALS if getattr(auth, f"{name}_variable")]
    for key in (*needed.get(auth.kind, ()), *given):
        if not re.fullmatch(r"[A-Za-z_]\w*", getattr(auth, key)):
            raise PlanError(
                f"{where}: [auth] kind = {auth.kind!r} wants {key}: the NAME of the environment "
                "variable that holds the secret, never the secret; got "
                f"{'nothing' if not getattr(auth, key) else 'what is no variable name'}"
            )
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", auth.api_key_header):
        raise PlanError(
            f"{where}: [auth] api_key_header: expected a header's name such as X-API-Key; got "
            f"{auth.api_key_header!r}"
        )


def _check_given(text: str, spec: TargetSpec, where: str) -> None:
    """Placeholders that have a value only where another section says so."""
    for name in _PLACEHOLDER.findall(text):
        if name in CREDENTIALS and not getattr(spec.auth, f"{name}_variable"):
            raise PlanError(
                f"{where}: {{{name}}} in {text!r} wants [auth] {name}_variable: the name of an "
                "environment variable; not set, a random value is made up for the run"
            )
        if name.startswith("tls_") and spec.tls.kind != "own":
            raise PlanError(f'{where}: {{{name}}} in {text!r} wants [tls] kind = "own"')
        if name.startswith("s3_") and spec.storage.kind != "s3":
            raise PlanError(f'{where}: {{{name}}} in {text!r} wants [storage] kind = "s3"')


def _check_apart(spec: TargetSpec, where: str) -> None:
    """One page is neither figures and health, nor a stream and anything else."""
    paths = {field.name: getattr(spec.endpoints, field.name) for field in fields(EndpointSpec)}
    for name in ("events", "metrics"):
        others = [other for other, path in paths.items() if other != name and path == paths[name]]
        if paths[name] and others:
            raise PlanError(
                f"{where}: [endpoints] {name}: expected another path than {others[0]} has; got "
                f"{paths[name]!r}"
            )


def _check_paths(spec: TargetSpec, where: str) -> None:
    _check_apart(spec, where)
    for field in fields(EndpointSpec):
        path = str(getattr(spec.endpoints, field.name))
        if path and not path.startswith(("/", "http://", "https://", "ws://", "wss://")):
            raise PlanError(
                f"{where}: [endpoints] {field.name}: expected a path such as /health, a whole URL, "
                f'or "" for none; got {path!r}'
            )
        place = f"{where}: [endpoints] {field.name}"
        _check_placeholders(path, ENDPOINT_PLACEHOLDERS, place)
        _check_request_path(path, place)
        if "://" in path:
            _check_url(path, ("http", "https", "ws", "wss"), place)
    token_path = spec.auth.token_path
    if not token_path.startswith(("/", "http://", "https://")):
        raise PlanError(
            f"{where}: [auth] token_path: expected a path such as /v1/oauth/tokens, or a whole "
            f"URL; got {token_path!r}"
        )
    _check_request_path(token_path, f"{where}: [auth] token_path")
    if "://" in token_path:
        _check_url(token_path, ("http", "https"), f"{where}: [auth] token_path")
    base = spec.catalog.base
    _check_request_path(base, f"{where}: [catalog] base")
    _check_request_path(spec.catalog.prefix or "", f"{where}: [catalog] prefix")
    if base and (not base.startswith("/") or base.endswith("/")):
        raise PlanError(
            f"{where}: [catalog] base: expected \"\" or a path such as /api/catalog, without a '/' "
            f"at its end; got {base!r}"
        )
    prefix = spec.catalog.prefix
    if prefix and (prefix.startswith("/") or prefix.endswith("/")):
        raise PlanError(
            f"{where}: [catalog] prefix: expected it without '/' at its ends; got {prefix!r}"
        )
    if any(not level for level in spec.catalog.root_namespace):
        raise PlanError(
            f"{where}: [catalog] root_namespace: a level is empty; expected an array of names"
        )


def _check_placeholders(text: str, known: frozenset[str], where: str) -> None:
    for name in _PLACEHOLDER.findall(text):
        if name in known or (name.startswith("env:") and known is PLACEHOLDERS):
            continue
        hint = discovery.nearest(name, known)
        raise PlanError(f"{where}: unknown placeholder {{{name}}} in {text!r}{hint}")


def _check_environment(node: NodeSpec, where: str) -> None:
    for name in node.environment:
        if not name or "=" in name:
            raise PlanError(
                f"{where}: [node] environment: expected a variable's name without '='; got {name!r}"
            )


def _check_request_path(path: str, where: str) -> None:
    """What stands in a request line is printable ASCII without spaces."""
    odd = next((letter for letter in path if not "!" <= letter <= "~"), None)
    if odd is not None:
        raise PlanError(f"{where}: {odd!r} cannot stand in a request's path; percent-encode it")


def _check_url(url: str, schemes: tuple[str, ...], where: str) -> None:
    """A host that a name or an address can be, a port (if any) from 1 to 65535, and no login."""
    filled = re.sub(r"\{[a-z_]+\}", "1", url.replace("{host}", "127.0.0.1"))
    try:
        parts = urlsplit(filled)
        fits = parts.scheme in schemes and _is_host(parts.hostname or "") and parts.port != 0
        fits = fits and not re.search(r"[\\@\s]", parts.netloc)
    except ValueError:
        fits = False
    if not fits:
        raise PlanError(
            f"{where}: expected a URL such as {schemes[0]}://HOST:PORT, with a host and, where "
            f"there is one, a port from 1 to 65535; got {url[:SHOWN_MOST]!r}"
        )


def _is_host(text: str) -> bool:
    """Whether it is an address, or a name that a resolver can be asked for."""
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        labels = text.removesuffix(".").split(".")
        return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def _has_port(url: str) -> bool:
    """Whether its port, if it names one, is a number from 1 to 65535."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False
