"""A target: one small TOML file that says how to start a catalog's nodes and which endpoints
and logins they have.

Documented key by key in docs/targets.md. An unknown key is an error that names the nearest one.
Commands and values may hold {host} {port} {db_host} {db_port} {db_user} {db_password} {db_name}
{warehouse} {s3_endpoint} {s3_region} {s3_bucket} {s3_access_key} {s3_secret_key} {s3_role_arn}
{python} {node} {run} {suite} {admin_port} and {env:NAME}; a missing environment
variable is an error that says which and why. {suite} is the folder that holds the suite's own
modules (iceworthy.suite_path.suite_root()). Also {tls_cert} {tls_key} {tls_ca}, and the CREDENTIALS
that [auth] names variables for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from iceworthy.words.limits import LimitsSpec

CREDENTIALS = (
    "token",
    "client_id",
    "client_secret",
    "api_key",
    "read_only_client_id",
    "read_only_client_secret",
    "read_only_api_key",
)
"""Each is held by the variable that [auth] NAME_variable names, and is a placeholder {NAME}."""


FROM_ENVIRONMENT = re.compile(r"\{env:([A-Za-z_]\w*)\}")
"""The placeholder of an environment variable."""

StartOrder = Literal["together", "one by one"]
"""one by one: a node is started when the one before it is ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """[node]: how one node is started. command and image empty: the nodes run already, at `urls`.

    image: of a container, which then runs `command`, or without a command what the image says.
    start: the order of the first starts, on an empty database. version_command: prints the
    catalog's version in its first line; empty: none is asked for.
    """

    command: tuple[str, ...] = ()
    image: str = ""
    version_command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    urls: tuple[str, ...] = ()
    count: int = 2
    start: StartOrder = "together"
    ready_s: float = 30.0
    stop_s: float = 40.0

    @property
    def is_started(self) -> bool:
        """Whether the suite starts the nodes."""
        return bool(self.command or self.image)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec:
    """[endpoints]: paths, or whole URLs with {host} and {admin_port} when on another port."""

    health: str = "/health"
    ready: str = "/ready"
    metrics: str = "/metrics"
    events: str = "/v1/events/stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogSpec:
    """[catalog]: base path, prefix and warehouse as clients would configure them.

    base: path before /v1 ("" or "/api/catalog"). prefix: None asks /v1/config for it; else used
    as it is, already percent-encoded. root_namespace: levels under which the suite must stay.
    warehouse: value of /v1/config?warehouse=, empty for none. location: "" lets the catalog choose
    table locations, else a base URI under which each table's location is asked for.
    """

    base: str = ""
    prefix: str | None = None
    root_namespace: tuple[str, ...] = ()
    warehouse: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthSpec:
    """[auth]: none, a static token, OAuth2 client credentials or an API key; secrets only by
    variable name. read_only_*: credentials that must not suffice for a change, for the checks.

    api_key_header: the header that carries the key; "Authorization" sends it as a bearer token.
    """

    kind: Literal["none", "token", "client_credentials", "api_key"] = "none"
    token_variable: str = ""
    token_path: str = "/v1/oauth/tokens"
    client_id_variable: str = ""
    client_secret_variable: str = ""
    scope: str = "PRINCIPAL_ROLE:ALL"
    api_key_variable: str = ""
    api_key_header: str = "X-API-Key"
    read_only_client_id_variable: str = ""
    read_only_client_secret_variable: str = ""
    read_only_scope: str = ""
    read_only_api_key_variable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSpec:
    """[tls]: kind "own": the suite makes an authority and a certificate for the run, the nodes
    that it starts serve https by it. Nodes that run already have their scheme in their urls."""

    kind: Literal["none", "own"] = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSpec:
    """[database]: kind "postgres" is started by the suite behind one proxy for each node;
    "hidden" means the suite has no view of it, so verdicts that need one are unknown."""

    kind: Literal["postgres", "hidden"] = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSpec:
    """[storage]: where {warehouse} is. "folder" is an empty folder of this machine; "s3" is an
    S3-compatible store with STS, started by the suite, with the s3_ placeholders."""

    kind: Literal["folder", "s3"] = "folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansSpec:
    """[plans]: how long the target keeps scan plans. expiry_s: seconds after its submission during
    which a plan can be fetched; 0: not known."""

    expiry_s: float = 0.0


TRUST_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""What OpenSSL, and the library requests above all that a program tells it, read trust from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """Secrets and authorities of one running target; never in plan.json, a log, an error or a repr.

    secrets: the variable that [auth] names -> its value, for those that the suite made up; the
    others are the user's, in the environment. ca_file: PEM of the authorities to trust, "" for the
    machine's. Two targets that run in one process have two keyrings.
    """

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str = ""

    def secret(self, variable: str) -> str:
        """The value that this variable stands for; "" where there is none."""
        return self.secrets.get(variable) or os.environ.get(variable, "")

    @property
    def environment(self) -> dict[str, str]:
        """The same for a child process, which has an environment of its own."""
        trust = dict.fromkeys(TRUST_VARIABLES, self.ca_file) if self.ca_file else {}
        return {**self.secrets, **trust}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSpec:
    """A whole target file. lines: "section.key" -> its line, of those that the file sets; keyring:
    filled while it runs. Both are no keys of the file."""

    name: str
    summary: str
    node: NodeSpec = NodeSpec()
    endpoints: EndpointSpec = EndpointSpec()
    catalog: CatalogSpec = CatalogSpec()
    auth: AuthSpec = AuthSpec()
    tls: TlsSpec = TlsSpec()
    database: DatabaseSpec = DatabaseSpec()
    storage: StorageSpec = StorageSpec()
    plans: PlansSpec = PlansSpec()
    limits: LimitsSpec = field(default=LimitsSpec())
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    keyring: Keyring = field(default=Keyring(), repr=False, compare=False)

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that a run of this target reads. Credentials are among them
        where nodes run already; nodes that the suite starts get made-up ones."""
        texts = (*self.node.command, *self.node.environment.values())
        found = [name for text in texts for name in FROM_ENVIRONMENT.findall(text)]
        if not self.node.command:
            found += [getattr(self.auth, f"{name}_variable") for name in CREDENTIALS]
        return tuple(dict.fromkeys(name for name in found if name))

    @property
    def lives_on(self) -> bool:
        """Whether created objects outlive the run, because the database is not the suite's."""
        return self.database.kind != "postgres"
