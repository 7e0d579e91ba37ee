"""The options that this suite adds to Locust, and the task of a run without the suite.

Claim: `locust -f locustfile.py --scenario read_mix --tags load_table` and the fields of the web UI
say the same as the environment variables (ICEWORTHY_SCENARIO, …), which still count.
Method: Locust's event init_command_line_parser; an unknown name is a PlanError with the nearest.
What this does NOT show: whether the host answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from iceworthy import discovery
from iceworthy.words.errors import PlanError
from iceworthy.words.scenario import Role, Scenario
from iceworthy.words.target_file import is_loopback

SCENARIO_VARIABLE = "ICEWORTHY_SCENARIO"
TARGET_VARIABLE = "ICEWORTHY_TARGET"
SEED_VARIABLE = "ICEWORTHY_SEED"
DEFAULT_SCENARIO = "mix"
DEFAULT_TARGET = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """What a run without the suite is to do. roles: in place of the scenario's; () for its own.
    seconds: of load, once the data set is built; None: until it is stopped."""

    hosts: tuple[str, ...]
    scenario: str = DEFAULT_SCENARIO
    target: str = DEFAULT_TARGET
    seed: int | None = None
    roles: tuple[Role, ...] = ()
    seconds: float | None = None
    users: int = 0


def add_options(parser: Any, **_: Any) -> None:
    """Listener of Locust's init_command_line_parser event."""
    parser.add_argument(
        "--scenario",
        default=DEFAULT_SCENARIO,
        choices=list(discovery.names("scenario")),
        env_var=SCENARIO_VARIABLE,
        help="The load: roles of the users, and their operations",
    )
    parser.add_argument(
        "--target",
        default=DEFAULT_TARGET,
        env_var=TARGET_VARIABLE,
        help="Target file with prefix and authentication, or the name of a target",
        include_in_web_ui=False,
    )
    parser.add_argument(
        "--seed",
        default="",
        env_var=SEED_VARIABLE,
        help="Whole number that all random choices follow from",
        include_in_web_ui=False,
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="Allow this very host, though it is not on loopback (you must be its owner)",
        include_in_web_ui=False,
    )


def bare_of(environment: Any, roles: Iterable[Role] = ()) -> Bare:
    """What Locust's options and the fields of its web UI ask for; PlanError for a wrong name."""
    options = environment.parsed_options
    name = str(getattr(options, "scenario", None) or DEFAULT_SCENARIO)
    seed = str(getattr(options, "seed", "") or "")
    hosts = tuple(url.strip() for url in (environment.host or "").split(",") if url.strip())
    if not hosts:
        raise PlanError("no host: give --host http://HOST:PORT, or several joined by commas")
    refuse_remote_hosts(hosts, getattr(options, "allow_host", None) or ())
    own = tuple(roles)
    scenario: Scenario = discovery.load("scenario", name)
    tags, excluded = tags_of(environment)
    if tags or excluded:
        own = tagged(own or scenario.roles, tags, excluded)
    return Bare(
        hosts=hosts,
        scenario=name,
        target=str(getattr(options, "target", None) or DEFAULT_TARGET),
        seed=int(seed) if seed.isdigit() else None,
        roles=own,
        users=int(getattr(options, "num_users", 0) or 0),
    )


def tags_of(environment: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags of --tags and of --exclude-tags."""
    given, options = [], environment.parsed_options
    for name in ("tags", "exclude_tags"):
        given.append(tuple(getattr(environment, name, None) or getattr(options, name, None) or ()))
    return given[0], given[1]


def refuse_remote_hosts(urls: Iterable[str], allowed: Iterable[str]) -> None:
    """PlanError unless every host is this machine's or allowed by its very name."""
    known = set(allowed)
    for url in urls:
        host = urlsplit(url).hostname or ""
        if not is_loopback(host) and host not in known:
            raise PlanError(
                f"{url} is not this machine; a load test is heavy load: if it is yours to load, "
                f"allow it by name: --allow-host {host or 'HOST'}"
            )


def tagged(roles: Iterable[Role], tags: Iterable[str], excluded: Iterable[str]) -> tuple[Role, ...]:
    """The roles with those of their actions that have one of the tags and none that is excluded.
    The tags of an action are its own name and its role's."""
    given, kept_tags, dropped_tags = tuple(roles), set(tags), set(excluded)
    known = {tag for role in given for tag in (role.name, *role.actions)}
    if strange := sorted((kept_tags | dropped_tags) - known):
        raise PlanError(
            f"--tags: no role or action named {strange[0]!r}{discovery.nearest(strange[0], known)}"
        )
    kept = []
    for role in given:
        actions: Mapping[str, float] = {
            name: weight
            for name, weight in role.actions.items()
            if (not kept_tags or kept_tags & {name, role.name})
            and not dropped_tags & {name, role.name}
        }
        if actions:
            kept.append(replace(role, actions=actions))
    if not kept:
        raise PlanError("--tags and --exclude-tags leave no operation; name fewer")
    return tuple(kept)
