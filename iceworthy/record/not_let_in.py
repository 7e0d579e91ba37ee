"""Whether the first answers of a target show a mistake in its file rather than in the catalog.

Claim: there is a mistake only where no node ever gave a good answer to the request that the key of
the file decides: a path that is not there (404), a login that is refused (401, 403, OAuth's
invalid_client), a certificate that is not trusted, a port at which nothing listens. Then nobody can
tell a wrong file from a wrong catalog; the line of the file is named, and nothing is concluded.
What this does NOT show: that the file is wrong. A 5xx, a timeout and a token that is given and then
refused with 401 are the catalog's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from iceworthy.record.run_lines import FirstAnswer
from iceworthy.words.blame import REFUSED
from iceworthy.words.target import TargetSpec
from iceworthy.words.target_text import NOT_THERE, key_shown, why_not_ready

NOBODY = frozenset({"refused", "unreachable", "resolve", "not-allowed"})
SECRET_KEYS: Mapping[str, tuple[str, ...]] = {
    "token": ("token_variable",),
    "api_key": ("api_key_variable", "api_key_header"),
    "client_credentials": ("client_id_variable", "client_secret_variable", "scope"),
}


def mistake_in(spec: TargetSpec, answers: Sequence[FirstAnswer]) -> str:
    """What may be wrong in the target file, with its line; "" where nothing shows that."""
    listed = any(_is_good(one) for one in answers if one.asked in ("namespaces", "root"))
    for asked, explain in EXPLAIN.items():
        given = [one for one in answers if one.asked == asked]
        if listed and asked != "location" and not (asked == "config" and spec.catalog.warehouse):
            continue  # it lets the suite in; only warehouse and location may still be wrong
        if given and not any(map(_is_good, given)):
            worst = max(given, key=lambda one: one.status)
            if mistake := explain(spec, worst):
                return mistake
    return ""


def _is_good(one: FirstAnswer) -> bool:
    return 200 <= one.status < 300


def _ready(spec: TargetSpec, one: FirstAnswer) -> str:
    if 300 <= one.status < 500 and (spec.endpoints.ready or spec.endpoints.health):
        return why_not_ready(spec, one.status)
    if one.status:
        return ""
    return f"readiness was not answered ({one.error}); is {_key(spec, 'node', 'urls')}"


def _token(spec: TargetSpec, one: FirstAnswer) -> str:
    if one.status in NOT_THERE or (not one.status and one.error in {*NOBODY, "tls"}):
        answer = f"answered {one.status}" if one.status else f"not reached ({one.error})"
        return f"the token endpoint was {answer}; is {_key(spec, 'auth', 'token_path')}"
    if one.status in {400, *REFUSED}:
        keys = SECRET_KEYS["client_credentials"]
        keys = keys[2:] if one.error == "invalid_scope" else keys
        keys = keys if one.error else (*keys, "token_path")  # no answer of a token endpoint
        answer = f"{one.status} {one.error}".rstrip()
        return f"the login was refused: the token endpoint answered {answer}; {_are(spec, keys)}"
    return ""


def _config(spec: TargetSpec, one: FirstAnswer) -> str:
    if one.status in REFUSED:
        return _login(spec, one, "/v1/config")
    keys = [("catalog", "warehouse"), ("catalog", "base")]
    if one.status in NOT_THERE:
        keys = keys if spec.catalog.warehouse else keys[::-1]
        return f"/v1/config was answered {one.status}; is {_key(spec, *keys[0])} {_and(spec, keys)}"
    if one.status == 400:
        return f"/v1/config was answered 400; is {_key(spec, 'catalog', 'warehouse')}"
    if one.error == "tls":
        trust = "is the authority of its certificate in SSL_CERT_FILE"
        return f"its certificate is not trusted; {trust}, and {_key(spec, *_address(spec))}"
    if one.error in NOBODY and _is_ready_elsewhere(spec):
        why = f"nothing listens there ({one.error}), though readiness, at another port, is 200"
        return f"/v1/config was not reached: {why}; is {_key(spec, *_address(spec))}"
    return ""


def _namespaces(spec: TargetSpec, one: FirstAnswer) -> str:
    if one.status in REFUSED:
        return _login(spec, one, "a listing of the namespaces")
    if one.status in NOT_THERE and spec.catalog.prefix is not None:
        answer = f"a listing of the namespaces was answered {one.status}"
        return f"{answer}; is {_key(spec, 'catalog', 'prefix')}"
    return ""


def _root(spec: TargetSpec, one: FirstAnswer) -> str:
    if one.status in REFUSED:
        return _login(spec, one, "the root namespace")
    if one.status in NOT_THERE:
        answer = f"the root namespace was answered {one.status}"
        return f"{answer}; is {_key(spec, 'catalog', 'root_namespace')}"
    return ""


def _location(spec: TargetSpec, one: FirstAnswer) -> str:
    if not 400 <= one.status < 500:
        return ""
    created = "a table was created without a location, and with one the answer was"
    return f"{created} {one.status}; is {_key(spec, 'catalog', 'location')}"


EXPLAIN: Mapping[str, Callable[[TargetSpec, FirstAnswer], str]] = {
    "ready": _ready,
    "token": _token,
    "config": _config,
    "namespaces": _namespaces,
    "root": _root,
    "location": _location,
}
"""In the order in which a client meets them."""


def _login(spec: TargetSpec, one: FirstAnswer, what: str) -> str:
    """A login that was refused. A token that was given and is a 401 is the catalog's doing."""
    kind = spec.auth.kind
    if kind == "client_credentials" and one.status == 401:
        return ""
    if kind == "none":
        return f"{what} was answered {one.status} without a login; is {_key(spec, 'auth', 'kind')}"
    keys = SECRET_KEYS[kind]
    return f"the login was refused: {what} was answered {one.status}; {_are(spec, keys)}"


def _address(spec: TargetSpec) -> tuple[str, str]:
    node = spec.node
    return ("node", "command" if node.command else "image" if node.image else "urls")


def _is_ready_elsewhere(spec: TargetSpec) -> bool:
    return any("://" in path for path in (spec.endpoints.ready, spec.endpoints.health))


def _key(spec: TargetSpec, section: str, key: str) -> str:
    return f"{key_shown(spec, section, key)} right?"


def _and(spec: TargetSpec, keys: Sequence[tuple[str, str]]) -> str:
    return f"And {key_shown(spec, *keys[1])}?"


def _are(spec: TargetSpec, keys: Sequence[str]) -> str:
    """The variables are named, never what they hold."""
    names = " and ".join(key_shown(spec, "auth", key) for key in keys)
    return f"{'are' if len(keys) > 1 else 'is'} {names} right?"
