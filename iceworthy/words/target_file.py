"""Reads a target's TOML file into a TargetSpec, and turns a TargetSpec into JSON and back.

Claim: a file that loads says only what docs/targets.md knows; everything else is a PlanError that
says what was wanted, what came, and which known key is nearest. Method: the dataclasses of
iceworthy.words.target are the schema; keys and types are read from their annotations.
Not shown: whether the command exists, the variables are set or the target answers; that is found
when its nodes are started.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
import types
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from iceworthy import discovery
from iceworthy.words.errors import PlanError
from iceworthy.words.target import (
    CREDENTIALS,
    AuthSpec,
    CatalogSpec,
    DatabaseSpec,
    EndpointSpec,
    NodeSpec,
    PlansSpec,
    StorageSpec,
    TargetSpec,
    TlsSpec,
)

SECTIONS: Mapping[str, type[Any]] = {
    "node": NodeSpec,
    "endpoints": EndpointSpec,
    "catalog": CatalogSpec,
    "auth": AuthSpec,
    "tls": TlsSpec,
    "database": DatabaseSpec,
    "storage": StorageSpec,
    "plans": PlansSpec,
}
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
_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*|env:[A-Za-z_]\w*)\}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_TOML_WORDS: Mapping[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    tuple: "an array",
    dict: "a table",
}


def load_target(name_or_path: str) -> TargetSpec:
    """The target with this name in fixtures/targets/, or in this file; PlanError otherwise."""
    path = _path_of(name_or_path)
    name = path.stem
    if not _NAME.fullmatch(name):
        raise PlanError(
            f"{path}: a target's file name is its name and must be letters, digits, '_', '-' or "
            f"'.'; got {name!r}"
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(f"target file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PlanError(f"target file {path} is not UTF-8 text: {error.reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"target file {path} is not valid TOML: {error}") from error
    if "name" in table:
        raise PlanError(f"{path}: key 'name' is not allowed; the file's name is the target's name")
    return _spec({"name": name, **table}, where=str(path))


def spec_to_dict(spec: TargetSpec) -> dict[str, Any]:
    """A JSON-able object from which spec_from_dict gives an equal spec. It holds no secret."""
    return {k: v for k, v in _plain(asdict(spec)).items() if k != "keyring"}


def spec_from_dict(found: Mapping[str, Any]) -> TargetSpec:
    """The inverse of spec_to_dict; PlanError for what docs/targets.md does not know."""
    return _spec(dict(found), where="target")


def remote_hosts(spec: TargetSpec) -> tuple[str, ...]:
    """Hosts this target would be asked at that are not this machine's loopback, in order.

    Nothing is resolved: a name other than localhost counts as remote, wherever it points today.
    """
    endpoints = spec.endpoints
    places = (
        *spec.node.urls,
        endpoints.health,
        endpoints.ready,
        endpoints.metrics,
        endpoints.events,
        spec.auth.token_path,
    )
    hosts = [host for place in places if "://" in place for host in [_host_of(place)]]
    return tuple(dict.fromkeys(host for host in hosts if not is_loopback(host)))


def refuse_remote(spec: TargetSpec, allow_hosts: frozenset[str]) -> None:
    """PlanError unless every host of the target is this machine's or allowed by its very name."""
    refused = [host for host in remote_hosts(spec) if host not in allow_hosts]
    if refused:
        raise PlanError(
            f"{spec.name} is at {', '.join(refused)}, which is not this machine; a review is heavy "
            f"load: if it is yours to load, allow it by name: --allow-host {refused[0]}"
        )


def is_loopback(host: str) -> bool:
    """Whether this host is certainly this machine: localhost, or a loopback address written out."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _path_of(name_or_path: str) -> Path:
    if not name_or_path:
        raise PlanError("no target given" + discovery.nearest("", discovery.names("target")))
    known = discovery.names("target")
    if name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path).expanduser()
    looks_like_path = "/" in name_or_path or name_or_path.endswith(".toml")
    if looks_like_path and not path.exists():
        raise PlanError(f"no target file {path}; give a file, or one of: {', '.join(known)}")
    return path if looks_like_path or path.is_file() else discovery.path_of("target", name_or_path)


def _spec(table: dict[str, Any], *, where: str) -> TargetSpec:
    unknown = [key for key in table if key not in {*SECTIONS, "name", "summary"}]
    if unknown:
        raise _unknown(where, "top level", unknown[0], {*SECTIONS, "summary"})
    if not str(table.get("summary", "")).strip():
        raise PlanError(
            f"{where}: wanted a key 'summary', one line that says what the target is; it is "
            "missing or empty"
        )
    parts: dict[str, Any] = {
        key: _value(str, table[key], f"{where}: {key}") for key in ("name", "summary")
    }
    for section, schema in SECTIONS.items():
        given = _value(dict, table.get(section, {}), f"{where}: [{section}]")
        parts[section] = _section(schema, given, where=f"{where}: [{section}]", name=section)
    if parts["node"].urls:
        parts.update(_running_already(parts, table, where))
    spec = TargetSpec(**parts)
    _check(spec, where)
    return spec


def _section(schema: type[Any], given: Mapping[str, Any], *, where: str, name: str) -> Any:
    hints = get_type_hints(schema)
    for key in given:
        if key not in hints:
            raise _unknown(where, f"[{name}]", key, hints)
    return schema(**{key: _value(hints[key], given[key], f"{where} {key}") for key in given})


def _value(wanted: Any, came: Any, where: str) -> Any:
    """`came` as the annotation `wanted` describes it, or PlanError; a boolean is no number."""
    origin, args = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        inner = next(arg for arg in args if arg is not type(None))
        return None if came is None else _value(inner, came, where)
    if origin is Literal:
        if came not in args:
            raise PlanError(
                f"{where}: wanted one of {', '.join(map(repr, args))}; got "
                f"{came!r}{_close(came, args)}"
            )
        return came
    if origin is tuple:
        if not isinstance(came, list | tuple):
            raise _mistyped(where, "an array of strings", came)
        return tuple(_value(args[0], item, f"{where}[{i}]") for i, item in enumerate(came))
    if wanted is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        if not isinstance(came, dict):
            raise _mistyped(where, "a table", came)
        return {k: _value(args[1], v, f"{where}.{k}") for k, v in came.items()} if args else came
    if wanted is float and type(came) is int:
        return float(came)
    if type(came) is not wanted:
        raise _mistyped(where, _TOML_WORDS[wanted], came)
    return came


def _running_already(
    parts: Mapping[str, Any], table: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """Nodes that run already stand on a database that is not the suite's."""
    node: NodeSpec = parts["node"]
    if node.command:
        raise PlanError(
            f"{where}: [node] has both command and urls; give command for nodes that the suite "
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
    return {"node": replace(node, count=len(node.urls)), "database": DatabaseSpec(kind="hidden")}


def _check(spec: TargetSpec, where: str) -> None:
    node, auth = spec.node, spec.auth
    if not node.command and not node.urls:
        raise PlanError(
            f"{where}: [node] wants command (how to start a node) or urls (where the nodes run "
            "already); both are missing"
        )
    if not 1 <= node.count <= 16:
        raise PlanError(f"{where}: [node] count: wanted 1 to 16; got {node.count}")
    for key, seconds in (("ready_s", node.ready_s), ("stop_s", node.stop_s)):
        if not 0 < seconds <= 3600:
            raise PlanError(
                f"{where}: [node] {key}: wanted more than 0 and at most 3600 seconds; got "
                f"{seconds:g}"
            )
    for url in node.urls:
        if not re.fullmatch(r"https?://[^/?#\s@\\]+/?", url) or not _has_port(url):
            raise PlanError(
                f"{where}: [node] urls: wanted http://HOST:PORT without a path (the path before "
                f"/v1 is [catalog] base) or a login; got {url!r}"
            )
    _check_paths(spec, where)
    _check_auth(auth, where)
    if spec.tls.kind == "own" and node.urls:
        raise PlanError(
            f'{where}: [tls] kind = "own" is for nodes that the suite starts; nodes that run '
            "already are asked at their urls (https://…); trust their authority by SSL_CERT_FILE"
        )
    for text in (*node.command, *node.environment.values()):
        _check_placeholders(text, PLACEHOLDERS, where)
        _check_given(text, spec, where)


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
            f"{where}: [auth] api_key_header: wanted a header's name such as X-API-Key; got "
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


def _check_paths(spec: TargetSpec, where: str) -> None:
    for field in fields(EndpointSpec):
        path = str(getattr(spec.endpoints, field.name))
        if path and not path.startswith(("/", "http://", "https://", "ws://", "wss://")):
            raise PlanError(
                f"{where}: [endpoints] {field.name}: wanted a path such as /health, a whole URL, "
                f'or "" for none; got {path!r}'
            )
        _check_placeholders(path, ENDPOINT_PLACEHOLDERS, f"{where}: [endpoints] {field.name}")
    token_path = spec.auth.token_path
    if not token_path.startswith(("/", "http://", "https://")):
        raise PlanError(
            f"{where}: [auth] token_path: wanted a path such as /v1/oauth/tokens, or a whole URL; "
            f"got {token_path!r}"
        )
    base = spec.catalog.base
    if base and (not base.startswith("/") or base.endswith("/")):
        raise PlanError(
            f"{where}: [catalog] base: wanted \"\" or a path such as /api/catalog, without a '/' "
            f"at its end; got {base!r}"
        )
    prefix = spec.catalog.prefix
    if prefix and (prefix.startswith("/") or prefix.endswith("/")):
        raise PlanError(
            f"{where}: [catalog] prefix: wanted it without '/' at its ends; got {prefix!r}"
        )
    if any(not level for level in spec.catalog.root_namespace):
        raise PlanError(
            f"{where}: [catalog] root_namespace: a level is empty; wanted an array of names"
        )


def _check_placeholders(text: str, known: frozenset[str], where: str) -> None:
    for name in _PLACEHOLDER.findall(text):
        if name in known or (name.startswith("env:") and known is PLACEHOLDERS):
            continue
        hint = discovery.nearest(name, known)
        raise PlanError(f"{where}: unknown placeholder {{{name}}} in {text!r}{hint}")


def _has_port(url: str) -> bool:
    """Whether its port, where it names one, can be one."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _host_of(url: str) -> str:
    """The host of a URL; a URL that fills {host} in is asked at the node's own host."""
    host = urlsplit(url.replace("{host}", "127.0.0.1").replace("{admin_port}", "1")).hostname
    return host or url


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _unknown(where: str, place: str, key: str, known: Any) -> PlanError:
    return PlanError(
        f"{where}: unknown key {key!r} at {place}{discovery.nearest(key, known)} "
        "(docs/targets.md has all)"
    )


def _close(came: Any, known: tuple[Any, ...]) -> str:
    hint = discovery.nearest(str(came), [str(item) for item in known])
    return hint if "did you mean" in hint else ""


def _mistyped(where: str, wanted: str, came: Any) -> PlanError:
    kind = _TOML_WORDS.get(type(came), f"a {type(came).__name__}")
    return PlanError(f"{where}: wanted {wanted}; got {kind}: {came!r}")
