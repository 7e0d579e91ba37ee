"""The table of requirements: which judges in which experiments decide each of them.

Claim: this table alone joins requirements, judges and experiments. A requirement is
  confirmed   when all of its bases pass; `covers` says which part of the requirement they cover
  refuted     when any basis fails, in whatever experiment that judge ran
  unknown     otherwise: something was not run, was seen too rarely, or cannot be proven
`scope` says how far this version goes. "judged": can be confirmed and refuted. "refutable": a part
of it is not tried yet, so it can only be refuted. "later": no judge exists yet.
What this does NOT show: that the bases suffice for the requirement in general; docs/judging.md
names what each judge does not show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["judged", "refutable", "later"]

NOT_YET = "not judged yet by this version"


@dataclass(frozen=True, slots=True)
class Judge:
    """A file in analysis/checkers or analysis/criteria, and the part of a run that it judges.

    argument: for a criterion that judges one part of a run at a time, the part: for contract_cases
    the requirement whose cases count. "": the whole run. Shown as "contract_cases[FR-009]".
    """

    name: str
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.name}[{self.argument}]" if self.argument else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """One judge and where its verdict counts for a requirement.

    judge: the file, and its argument. required: experiments without which the requirement is not
    confirmed. also: experiments whose verdict counts fully too, where the profile runs them.
    Elsewhere only a fail counts.
    """

    judge: Judge
    required: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement: its text, its bases, and the part that this version does not judge."""

    id: str
    title: str
    text: str
    scope: Scope = "later"
    bases: tuple[Basis, ...] = ()
    leaves_open: str = ""

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments that this requirement needs, in the table's order."""
        return tuple(dict.fromkeys(name for basis in self.bases for name in basis.required))


LINK_FAULTS = ("cut_link", "black_hole")
LOADED = ("steady", "single_node", "contention", *LINK_FAULTS, "kill_node", "drain_node")
FAULTS = (*LINK_FAULTS, "kill_node", "drain_node")

# Safety under one fault: acknowledged changes are there and readable, refused changes are not.
_SURVIVES = ("lost_acknowledgement", "phantom", "info_resolution", "still_readable")


def _by(
    required: str | tuple[str, ...],
    *judges: str | Judge,
    also: str | tuple[str, ...] = (),
) -> tuple[Basis, ...]:
    """A basis for each of these judges in the same experiments; a string stands for one of them."""
    return tuple(
        Basis(
            judge=judge if isinstance(judge, Judge) else Judge(judge),
            required=(required,) if isinstance(required, str) else required,
            also=(also,) if isinstance(also, str) else also,
        )
        for judge in judges
    )


def _row(id: str, title: str, text: str, *bases: tuple[Basis, ...]) -> Requirement:
    """A requirement that its bases confirm in full; one without bases is judged by nobody yet."""
    joined = tuple(basis for some in bases for basis in some)
    scope: Scope = "judged" if joined else "later"
    return Requirement(id=id, title=title, text=text, scope=scope, bases=joined)


REQUIREMENTS: tuple[Requirement, ...] = (
    _row(
        "FR-001",
        "All endpoints",
        "Namespace, table and view operations, scan planning and multi-table transactions "
        "of the Iceberg REST specification are there.",
        _by("survey", Judge("survey_findings", "FR-001")),
        _by("contract", "contract_phases", Judge("contract_cases", "FR-001")),
        _by((), "differences", also="differential"),
    ),
    _row(
        "FR-002",
        "Answers as specified",
        "Every answer has the shape that the specification gives it.",
        _by("survey", Judge("survey_findings", "FR-002")),
        _by("contract", "contract_schemas", Judge("contract_cases", "FR-002")),
        _by((), Judge("fuzz_findings", "FR-002"), also="fuzz"),
        _by("contention", "answers_as_specified"),
        _by("survey", Judge("answers_as_specified", "any"), also=LOADED),
    ),
    _row(
        "FR-003",
        "Hierarchical namespaces",
        "Namespaces have levels: they are created, listed under their parent and read.",
        _by("survey", "hierarchical_namespaces"),
        _by("contract", Judge("contract_cases", "FR-003")),
        _by("steady", "listings", also="single_node"),
    ),
    _row(
        "FR-004",
        "Optimistic concurrency",
        "A table commit is applied only if each of its requirements holds; else it is "
        "refused with 409 and changes nothing.",
        _by(
            "contention",
            "cas_exclusivity",
            "conflict_status",
            "chain_integrity",
            "lost_acknowledgement",
            "phantom",
            "linearizability",
            "progress",
        ),
        _by("survey", Judge("survey_findings", "FR-004")),
        _by("contract", Judge("contract_cases", "FR-004")),
    ),
    _row(
        "FR-005",
        "Graceful shutdown",
        "On SIGTERM a node answers what it has received, for up to 30 s, and exits by itself.",
        _by("drain_node", "graceful_shutdown", "shutdown_time"),
    ),
    _row(
        "FR-006",
        "Health and readiness",
        "/health tells whether the process lives; /ready tells whether it can reach its database.",
        _by(LINK_FAULTS, "readiness_tracks_database"),
        _by("steady", "health_answers", also=LINK_FAULTS),
    ),
    _row(
        "FR-007",
        "Several nodes, one catalog",
        "Writes through several nodes exclude each other, and each node sees the others'.",
        _by("contention", "both_nodes_commit", "cas_exclusivity", "prefix_reads", "real_time"),
        _by("contention", "names", also="steady"),
    ),
    _row(
        "FR-008",
        "Migrations at start",
        "Nodes bring the database's schema up to date by themselves, also when they start "
        "together on an empty one.",
        _by("drain_node", "migrations_at_start", also=("survey", "steady", "kill_node")),
    ),
    _row(
        "FR-009",
        "OAuth2 tokens",
        "OAuth2 tokens can be demanded.",
        _by("contract", Judge("contract_cases", "FR-009")),
    ),
    _row(
        "FR-010",
        "API keys",
        "API keys can be demanded.",
        _by("contract", Judge("contract_cases", "FR-010")),
    ),
    _row(
        "FR-011",
        "Secrets hashed",
        "Tokens and API keys are stored as hashes only.",
        _by("contract", Judge("contract_cases", "FR-011")),
    ),
    _row(
        "FR-012",
        "TLS",
        "TLS is offered, directly or behind a reverse proxy.",
        _by("contract", Judge("contract_cases", "FR-012")),
    ),
    _row(
        "FR-013",
        "Prometheus metrics",
        "/metrics exposes metrics in Prometheus' format, and its counters only rise.",
        _by("steady", "metrics_answer", also=("single_node", "contention")),
        _by("steady", "metrics_count"),
        _by("steady", "metrics_monotonic", also=LOADED),
    ),
    _row(
        "FR-014",
        "Structured request log",
        "Every request is logged as one JSON line with its method, path and status.",
        _by("steady", "access_logs", also="single_node"),
    ),
    _row(
        "FR-015",
        "Event stream",
        "Changes are streamed over WebSocket as they happen.",
        _by("contract", Judge("contract_cases", "FR-015")),
    ),
    _row(
        "FR-016",
        "Durable and atomic",
        "Metadata lives in PostgreSQL: what was acknowledged survives every fault, what was "
        "refused is never seen, nothing is half done.",
        _by(
            "kill_node",
            *_SURVIVES,
            "chain_integrity",
            also=(
                *LINK_FAULTS,
                "drain_node",
            ),
        ),
        _by("kill_node", "properties", "names", "progress", also=FAULTS),
        _by("contention", "metadata_locations", also=FAULTS),
        _by("commit_stepper", "commit_steps"),
        _by("contract", Judge("contract_cases", "FR-016")),
    ),
    _row(
        "FR-017",
        "S3 storage",
        "Tables can lie on S3-compatible storage.",
        _by("contract", Judge("contract_cases", "FR-017")),
    ),
    _row(
        "FR-018",
        "Vended credentials",
        "Clients get storage credentials that are good for their table only.",
        _by("contract", Judge("contract_cases", "FR-018")),
    ),
    _row(
        "SC-001",
        "Contract tests",
        "All offered operations pass contract tests against the specification.",
        _by("contract", "contract_operations"),
        _by((), Judge("fuzz_findings", "SC-001"), also="fuzz"),
    ),
    _row(
        "SC-002",
        "1,000 connections",
        "At least 1,000 connections are held at the same moment, without errors.",
        _by(("steady", "single_node"), "concurrent_connections", "no_errors_when_calm"),
    ),
    _row(
        "SC-003",
        "Read latency",
        "GET namespace and GET table take less than 50 ms at p95.",
        _by("steady", "read_latency"),
    ),
    _row(
        "SC-004",
        "Start time",
        "A node is ready within 10 s of its start.",
        _by(
            "steady",
            "start_time",
            also=(
                "survey",
                *LOADED,
            ),
        ),
    ),
    _row(
        "SC-005",
        "Shutdown time",
        "A node ends within 35 s of SIGTERM and drops no request.",
        _by("drain_node", "shutdown_time", "graceful_shutdown"),
    ),
    _row(
        "SC-006",
        "Ten metrics",
        "/metrics exposes at least 10 operational metrics.",
        _by("steady", "metrics_count"),
    ),
    _row(
        "SC-007",
        "Probe time",
        "/health and /ready answer rightly within 100 ms.",
        _by("steady", "health_answers", also="single_node"),
        _by((), "probes_without_database", also=LINK_FAULTS),
    ),
    _row(
        "SC-008",
        "Client systems",
        "Spark, PyIceberg and one of Trino and Flink work against it.",
    ),
    _row(
        "EC-1",
        "Database unreachable mid-operation",
        "While the database cannot be reached, answers are bounded and truthful; afterwards "
        "the node recovers by itself, and nothing acknowledged is lost.",
        _by(LINK_FAULTS, "recovery", "readiness_tracks_database", *_SURVIVES),
    ),
    _row(
        "EC-2",
        "Conflicting commits",
        "Of concurrent commits with conflicting requirements one wins, the others get 409.",
        _by("contention", "conflict_status", "cas_exclusivity", "lost_acknowledgement", "phantom"),
    ),
    _row(
        "EC-3",
        "Expired scan plan",
        "A scan plan that expires while its tasks are fetched ends in a clear answer.",
        _by("contract", Judge("contract_cases", "EC-3")),
    ),
    _row(
        "EC-4",
        "Shutdown with requests in flight",
        "Requests in flight at SIGTERM are answered completely and truthfully.",
        _by("drain_node", "graceful_shutdown", "shutdown_time", *_SURVIVES),
    ),
    _row(
        "EC-5",
        "Expired token",
        "An OAuth2 token that expires in a long session ends in 401, and a new one works.",
        _by("contract", Judge("contract_cases", "EC-5")),
    ),
)

# Guards: they say whether a run may be judged at all, and confirm or refute no requirement.
GUARDS = ("schedule_kept", "fault_bit")


def requirement_ids() -> tuple[str, ...]:
    """Every id, in order."""
    return tuple(requirement.id for requirement in REQUIREMENTS)


def requirement(wanted: str) -> Requirement:
    """The requirement with this id; KeyError for an unknown one."""
    return {one.id: one for one in REQUIREMENTS}[wanted]


def experiments_for(wanted: str) -> tuple[str, ...]:
    """The experiments that judging this requirement needs; none where no judge exists."""
    return requirement(wanted).experiments


def decides(judge: Judge, experiment: str) -> bool:
    """Whether this judge's verdict in this experiment counts fully for some requirement."""
    return any(
        basis.judge == judge and experiment in (*basis.required, *basis.also)
        for one in REQUIREMENTS
        for basis in one.bases
    )


def judges_of(experiment: str) -> tuple[Judge, ...]:
    """Every judge that some requirement names for this experiment, in the table's order."""
    return tuple(
        dict.fromkeys(
            basis.judge
            for one in REQUIREMENTS
            for basis in one.bases
            if experiment in (*basis.required, *basis.also)
        )
    )
