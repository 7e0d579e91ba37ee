"""Parts of the curl lines of a plan's target: where its paths begin, and its login.

Claim: no secret stands in them, but the name of its variable; a prefix that only /v1/config said is
a variable too.
"""

from __future__ import annotations

from iceworthy.record.plan import Plan
from iceworthy.words.foreign import quoted


def start_of_paths(plan: Plan) -> str:
    """The path before /namespaces, with `{prefix}` where only /v1/config said the prefix."""
    catalog = plan.target.catalog if plan.target else None
    base = catalog.base if catalog else ""
    if catalog is not None and catalog.prefix is not None:
        return f"{base}/v1/{catalog.prefix}" if catalog.prefix else f"{base}/v1"
    return f"{base}/v1/{{prefix}}"


def shell_path(path: str) -> str:
    """The path as words of a shell; the prefix that /v1/config gives is a variable, or not set."""
    start, marked, rest = path.partition("/{prefix}")
    if not marked:
        return quoted(path)
    return f'{quoted(start)}"${{PREFIX:+/$PREFIX}}"{quoted(rest)}'


def login_of(plan: Plan) -> dict[str, str]:
    """The header of the target's login, with its variable in place of the secret."""
    auth = plan.target.auth if plan.target else None
    if auth is None or auth.kind == "none":
        return {}
    if auth.kind == "api_key" and auth.api_key_header.lower() != "authorization":
        return {auth.api_key_header: f"${auth.api_key_variable}"}
    variables = {"token": auth.token_variable, "api_key": auth.api_key_variable}
    return {"Authorization": f"Bearer ${variables.get(auth.kind, 'TOKEN')}"}
