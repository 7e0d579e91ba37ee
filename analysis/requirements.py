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


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """One judge and where its verdict counts for a requirement.

    judge: a name in analysis/checkers or analysis/criteria, with [ID] where it judges findings.
    required: experiments without which the requirement is not confirmed. also: experiments whose
    verdict counts fully too, where the profile runs them. Elsewhere only a fail counts.
    """

    judge: str
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


def _each(judges: tuple[str, ...], *required: str, also: tuple[str, ...] = ()) -> tuple[Basis, ...]:
    return tuple(Basis(judge=judge, required=required, also=also) for judge in judges)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="FR-001",
        title="All endpoints",
        text="Namespace, table and view operations, scan planning and multi-table transactions of "
        "the Iceberg REST specification are there.",
        scope="judged",
        bases=(
            Basis(judge="survey_findings[FR-001]", required=("survey",)),
            *_each(("contract_phases", "contract_cases[FR-001]"), "contract"),
            Basis(judge="differences", required=(), also=("differential",)),
        ),
    ),
    Requirement(
        id="FR-002",
        title="Answers as specified",
        text="Every answer has the shape that the specification gives it.",
        scope="judged",
        bases=(
            Basis(judge="survey_findings[FR-002]", required=("survey",)),
            *_each(("contract_schemas", "contract_cases[FR-002]"), "contract"),
            Basis(judge="fuzz_findings[FR-002]", required=(), also=("fuzz",)),
            Basis(judge="answers_as_specified", required=("contention",)),
            Basis(judge="answers_as_specified[any]", required=("survey",), also=LOADED),
        ),
    ),
    Requirement(
        id="FR-003",
        title="Hierarchical namespaces",
        text="Namespaces have levels: they are created, listed under their parent and read.",
        scope="judged",
        bases=(
            Basis(judge="hierarchical_namespaces", required=("survey",)),
            Basis(judge="contract_cases[FR-003]", required=("contract",)),
            Basis(judge="listings", required=("steady",), also=("single_node",)),
        ),
    ),
    Requirement(
        id="FR-004",
        title="Optimistic concurrency",
        text="A table commit is applied only if each of its requirements holds; else it is refused "
        "with 409 and changes nothing.",
        scope="judged",
        bases=(
            *_each(
                (
                    "cas_exclusivity",
                    "conflict_status",
                    "chain_integrity",
                    "lost_acknowledgement",
                    "phantom",
                    "linearizability",
                    "progress",
                ),
                "contention",
            ),
            Basis(judge="survey_findings[FR-004]", required=("survey",)),
            Basis(judge="contract_cases[FR-004]", required=("contract",)),
        ),
    ),
    Requirement(
        id="FR-005",
        title="Graceful shutdown",
        text="On SIGTERM a node answers what it has received, for up to 30 s, and exits by itself.",
        scope="judged",
        bases=_each(("graceful_shutdown", "shutdown_time"), "drain_node"),
    ),
    Requirement(
        id="FR-006",
        title="Health and readiness",
        text="/health tells whether the process lives; /ready tells whether it can reach its "
        "database.",
        scope="judged",
        bases=(
            Basis(judge="readiness_tracks_database", required=LINK_FAULTS),
            Basis(judge="health_answers", required=("steady",), also=LINK_FAULTS),
        ),
    ),
    Requirement(
        id="FR-007",
        title="Several nodes, one catalog",
        text="Writes through several nodes exclude each other, and each node sees the others'.",
        scope="judged",
        bases=(
            *_each(
                ("both_nodes_commit", "cas_exclusivity", "prefix_reads", "real_time"), "contention"
            ),
            Basis(judge="names", required=("contention",), also=("steady",)),
        ),
    ),
    Requirement(
        id="FR-008",
        title="Migrations at start",
        text="Nodes bring the database's schema up to date by themselves, also when they start "
        "together on an empty one.",
        scope="judged",
        bases=(
            Basis(
                judge="migrations_at_start",
                required=("drain_node",),
                also=("survey", "steady", "kill_node"),
            ),
        ),
    ),
    Requirement(
        id="FR-009",
        title="OAuth2 tokens",
        text="OAuth2 tokens can be demanded.",
        scope="judged",
        bases=_each(("contract_cases[FR-009]",), "contract"),
    ),
    Requirement(
        id="FR-010",
        title="API keys",
        text="API keys can be demanded.",
        scope="judged",
        bases=_each(("contract_cases[FR-010]",), "contract"),
    ),
    Requirement(
        id="FR-011",
        title="Secrets hashed",
        text="Tokens and API keys are stored as hashes only.",
        scope="judged",
        bases=_each(("contract_cases[FR-011]",), "contract"),
    ),
    Requirement(
        id="FR-012",
        title="TLS",
        text="TLS is offered, directly or behind a reverse proxy.",
        scope="judged",
        bases=_each(("contract_cases[FR-012]",), "contract"),
    ),
    Requirement(
        id="FR-013",
        title="Prometheus metrics",
        text="/metrics exposes metrics in Prometheus' format, and its counters only rise.",
        scope="judged",
        bases=(
            Basis(judge="metrics_answer", required=("steady",), also=("single_node", "contention")),
            Basis(judge="metrics_count", required=("steady",)),
            Basis(judge="metrics_monotonic", required=("steady",), also=LOADED),
        ),
    ),
    Requirement(
        id="FR-014",
        title="Structured request log",
        text="Every request is logged as one JSON line with its method, path and status.",
        scope="judged",
        bases=(Basis(judge="access_logs", required=("steady",), also=("single_node",)),),
    ),
    Requirement(
        id="FR-015",
        title="Event stream",
        text="Changes are streamed over WebSocket as they happen.",
        scope="judged",
        bases=_each(("contract_cases[FR-015]",), "contract"),
    ),
    Requirement(
        id="FR-016",
        title="Durable and atomic",
        text="Metadata lives in PostgreSQL: what was acknowledged survives every fault, what was "
        "refused is never seen, nothing is half done.",
        scope="judged",
        bases=(
            *_each((*_SURVIVES, "chain_integrity"), "kill_node", also=(*LINK_FAULTS, "drain_node")),
            Basis(judge="properties", required=("kill_node",), also=FAULTS),
            *_each(("names", "progress"), "kill_node", also=FAULTS),
            Basis(judge="metadata_locations", required=("contention",), also=FAULTS),
            Basis(judge="commit_steps", required=("commit_stepper",)),
            Basis(judge="contract_cases[FR-016]", required=("contract",)),
        ),
    ),
    Requirement(
        id="FR-017",
        title="S3 storage",
        text="Tables can lie on S3-compatible storage.",
        scope="judged",
        bases=_each(("contract_cases[FR-017]",), "contract"),
    ),
    Requirement(
        id="FR-018",
        title="Vended credentials",
        text="Clients get storage credentials that are good for their table only.",
        scope="judged",
        bases=_each(("contract_cases[FR-018]",), "contract"),
    ),
    Requirement(
        id="SC-001",
        title="Contract tests",
        text="All offered operations pass contract tests against the specification.",
        scope="judged",
        bases=(
            *_each(("contract_operations",), "contract"),
            Basis(judge="fuzz_findings[SC-001]", required=(), also=("fuzz",)),
        ),
    ),
    Requirement(
        id="SC-002",
        title="1,000 connections",
        text="At least 1,000 connections are held at the same moment, without errors.",
        scope="judged",
        bases=_each(("concurrent_connections", "no_errors_when_calm"), "steady", "single_node"),
    ),
    Requirement(
        id="SC-003",
        title="Read latency",
        text="GET namespace and GET table take less than 50 ms at p95.",
        scope="judged",
        bases=(Basis(judge="read_latency", required=("steady",)),),
    ),
    Requirement(
        id="SC-004",
        title="Start time",
        text="A node is ready within 10 s of its start.",
        scope="judged",
        bases=(Basis(judge="start_time", required=("steady",), also=("survey", *LOADED)),),
    ),
    Requirement(
        id="SC-005",
        title="Shutdown time",
        text="A node ends within 35 s of SIGTERM and drops no request.",
        scope="judged",
        bases=_each(("shutdown_time", "graceful_shutdown"), "drain_node"),
    ),
    Requirement(
        id="SC-006",
        title="Ten metrics",
        text="/metrics exposes at least 10 operational metrics.",
        scope="judged",
        bases=(Basis(judge="metrics_count", required=("steady",)),),
    ),
    Requirement(
        id="SC-007",
        title="Probe time",
        text="/health and /ready answer rightly within 100 ms.",
        scope="judged",
        bases=(
            Basis(judge="health_answers", required=("steady",), also=("single_node",)),
            Basis(judge="probes_without_database", required=(), also=LINK_FAULTS),
        ),
    ),
    Requirement(
        id="SC-008",
        title="Client systems",
        text="Spark, PyIceberg and one of Trino and Flink work against it.",
    ),
    Requirement(
        id="EC-1",
        title="Database unreachable mid-operation",
        text="While the database cannot be reached, answers are bounded and truthful; afterwards "
        "the node recovers by itself, and nothing acknowledged is lost.",
        scope="judged",
        bases=_each(("recovery", "readiness_tracks_database", *_SURVIVES), *LINK_FAULTS),
    ),
    Requirement(
        id="EC-2",
        title="Conflicting commits",
        text="Of concurrent commits with conflicting requirements one wins, the others get 409.",
        scope="judged",
        bases=_each(
            ("conflict_status", "cas_exclusivity", "lost_acknowledgement", "phantom"), "contention"
        ),
    ),
    Requirement(
        id="EC-3",
        title="Expired scan plan",
        text="A scan plan that expires while its tasks are fetched ends in a clear answer.",
        scope="judged",
        bases=_each(("contract_cases[EC-3]",), "contract"),
    ),
    Requirement(
        id="EC-4",
        title="Shutdown with requests in flight",
        text="Requests in flight at SIGTERM are answered completely and truthfully.",
        scope="judged",
        bases=_each(("graceful_shutdown", "shutdown_time", *_SURVIVES), "drain_node"),
    ),
    Requirement(
        id="EC-5",
        title="Expired token",
        text="An OAuth2 token that expires in a long session ends in 401, and a new one works.",
        scope="judged",
        bases=_each(("contract_cases[EC-5]",), "contract"),
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


def decides(judge: str, experiment: str) -> bool:
    """Whether this judge's verdict in this experiment counts fully for some requirement."""
    return any(
        basis.judge == judge and experiment in (*basis.required, *basis.also)
        for one in REQUIREMENTS
        for basis in one.bases
    )


def judges_of(experiment: str) -> tuple[str, ...]:
    """Every judge that some requirement names for this experiment, in the table's order."""
    return tuple(
        dict.fromkeys(
            basis.judge
            for one in REQUIREMENTS
            for basis in one.bases
            if experiment in (*basis.required, *basis.also)
        )
    )
