"""Reads a target's TOML file into a TargetSpec, and turns a TargetSpec into JSON and back.

Claim: a file that loads says only what docs/targets.md knows; everything else is a PlanError that
says what was expected, what was found, and which known key is nearest. Method: the dataclasses of
iceworthy.words.target are the schema; keys and types are read from their annotations.
Not shown: whether the command exists, the variables are set or the target answers; that is found
when its nodes are started.
"""

from __future__ import annotations

import ipaddress
import re
import types
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from iceworthy import discovery
from iceworthy.words.errors import PlanError
from iceworthy.words.limits import NAMES, LimitsSpec
from iceworthy.words.target import (
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
from iceworthy.words.target_checks import check_target, running_already
from iceworthy.words.target_text import lines_of_keys, located, parse_toml, read_text, short
from iceworthy.words.user_limits import checked_limit

SECTIONS: Mapping[str, type[Any]] = {
    "node": NodeSpec,
    "endpoints": EndpointSpec,
    "catalog": CatalogSpec,
    "auth": AuthSpec,
    "tls": TlsSpec,
    "database": DatabaseSpec,
    "storage": StorageSpec,
    "plans": PlansSpec,
    "limits": LimitsSpec,
}
INTEGER_MOST = 2**63
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
    text = read_text(path)
    table = parse_toml(path, text)
    if "name" in table:
        raise PlanError(f"{path}: key 'name' is not allowed; the file's name is the target's name")
    try:
        spec = _spec({"name": name, **table}, where=str(path))
        return replace(spec, lines=lines_of_keys(text))
    except PlanError as error:
        raise located(error, path, text) from error


def spec_to_dict(spec: TargetSpec) -> dict[str, Any]:
    """A JSON-able object from which spec_from_dict gives an equal spec. It holds no secret."""
    return {k: v for k, v in _plain(asdict(spec)).items() if k not in ("keyring", "lines")}


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
    try:
        is_file, is_there = path.is_file(), path.exists()
    except (OSError, RuntimeError) as error:  # too long for a name; links in a circle
        raise PlanError(f"target file {short(name_or_path)} cannot be read: {error}"[:400]) from (
            error
        )
    if looks_like_path and not is_there:
        raise PlanError(f"no target file {path}; give a file, or one of: {', '.join(known)}")
    return path if looks_like_path or is_file else discovery.path_of("target", name_or_path)


def _spec(table: dict[str, Any], *, where: str) -> TargetSpec:
    unknown = [key for key in table if key not in {*SECTIONS, "name", "summary"}]
    if unknown:
        raise _unknown(where, "top level", unknown[0], {*SECTIONS, "summary"})
    if not str(table.get("summary", "")).strip():
        raise PlanError(
            f"{where}: expected a key 'summary', one line that says what the target is; it is "
            "missing or empty"
        )
    parts: dict[str, Any] = {
        key: _value(str, table[key], f"{where}: {key}") for key in ("name", "summary")
    }
    for section, schema in SECTIONS.items():
        given = _value(dict, table.get(section, {}), f"{where}: [{section}]")
        if schema is LimitsSpec:
            given = _limits(given, where)
        parts[section] = _section(schema, given, where=f"{where}: [{section}]", name=section)
    if parts["node"].urls:
        parts.update(running_already(parts, table, where))
    spec = TargetSpec(**parts)
    check_target(spec, where)
    return spec


def _limits(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """[limits]; null, as a plan has it, is the experiment's."""
    return {
        key: checked_limit(key, value, where)
        for key, value in given.items()
        if value is not None or key not in NAMES
    }


def _section(schema: type[Any], given: Mapping[str, Any], *, where: str, name: str) -> Any:
    hints = get_type_hints(schema)
    for key in given:
        if key not in hints:
            raise _unknown(where, f"[{name}]", key, hints)
    return schema(**{key: _value(hints[key], given[key], f"{where} {key}") for key in given})


def _value(annotation: Any, value: Any, where: str) -> Any:
    """The value, if it is of the annotated type, else PlanError; a boolean is no number."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        inner = next(arg for arg in args if arg is not type(None))
        return None if value is None else _value(inner, value, where)
    if origin is Literal:
        if value not in args:
            raise PlanError(
                f"{where}: expected one of {', '.join(map(repr, args))}; got "
                f"{short(value)}{_close(value, args)}"
            )
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise _mistyped(where, "an array of strings", value)
        return tuple(_value(args[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if annotation is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        if not isinstance(value, dict):
            raise _mistyped(where, "a table", value)
        return {k: _value(args[1], v, f"{where}.{k}") for k, v in value.items()} if args else value
    if annotation is float and type(value) is int and abs(value) < INTEGER_MOST:
        return float(value)
    if type(value) is not annotation:
        raise _mistyped(where, _TOML_WORDS[annotation], value)
    if annotation is int and abs(value) >= INTEGER_MOST:
        raise PlanError(f"{where}: expected an integer of at most 64 bits; got {short(value)}")
    if annotation is str and "\0" in value:
        raise PlanError(f"{where}: expected text without the character NUL; got {short(value)}")
    return value


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


def _close(value: Any, known: tuple[Any, ...]) -> str:
    hint = discovery.nearest(str(value), [str(item) for item in known])
    return hint if "did you mean" in hint else ""


def _mistyped(where: str, expected: str, value: Any) -> PlanError:
    kind = _TOML_WORDS.get(type(value), f"a {type(value).__name__}")
    return PlanError(f"{where}: expected {expected}; got {kind}: {short(value)}")
