"""Every operation of the Iceberg REST specification: its path, parameters, bodies and statuses.

Claim: the table is complete. For each operation it says what may be sent, what may be answered with
which status, and whether the operation can change the catalog. What it does NOT contain: the
meaning of a status, and the schemas named here (see iceworthy/specification/schemas/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from iceworthy.specification.notation import Schema, value

ERROR = "IcebergErrorResponse"
EITHER_ERROR = "EitherError"
NO_BODY = ""
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_ROOT = "/v1/{prefix}"
_SPACES = f"{_ROOT}/namespaces"
_SPACE = f"{_SPACES}/{{namespace}}"
_TABLE = f"{_SPACE}/tables/{{table}}"
_PLAN = f"{_TABLE}/plan"
_VIEW = f"{_SPACE}/views/{{view}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """id: the specification's operationId. template: the path as in the specification.

    query, headers: optional parameters and their schemas. request: the body's schema, "" for none.
    must_send: the body is required. responses: the schema for each status, "" for no body; "5XX"
    stands for every 5xx without an entry. gives_headers: optional headers of its 200.
    """

    id: str
    method: str
    template: str
    request: str = ""
    media: str = JSON
    must_send: bool = True
    query: Mapping[str, Schema] = field(default_factory=dict)
    headers: Mapping[str, Schema] = field(default_factory=dict)
    responses: Mapping[str, str] = field(default_factory=dict)
    gives_headers: tuple[str, ...] = ()
    mutation: bool = False
    deprecated: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters, in order."""
        return tuple(re.findall(r"{([^}]+)}", self.template))

    @property
    def good(self) -> tuple[int, ...]:
        """The statuses 2xx that the specification gives it."""
        return tuple(int(status) for status in self.responses if status[0] == "2")


_IDEMPOTENCY = {"Idempotency-Key": {**value("uuid"), "minLength": 36, "maxLength": 36}}
_ACCESS = {
    "X-Iceberg-Access-Delegation": {
        "type": "array",
        "items": value("'vended-credentials'|'remote-signing'"),
    },
}
_PAGES = {"pageToken": value("PageToken"), "pageSize": value("int(1..)")}
_REFERENCED = {"referenced-by": value("text")}
_USUAL = {"400": ERROR, "401": ERROR, "403": ERROR, "419": ERROR, "503": ERROR, "5XX": ERROR}


def _row(
    id: str,
    call: str,
    *,
    takes: str = "",
    gives: str = NO_BODY,
    errors: str = "404",
    query: Mapping[str, Schema] | None = None,
    headers: Mapping[str, Schema] | None = None,
    changes: bool = False,
    may_be_empty: bool = False,
    etag: bool = False,
) -> Operation:
    """gives: the schema of the 200; "" means a 204. errors: statuses beyond the usual ones. A star
    means that the error may have either form; "view:" in front applies that to all of them,
    including
    the server errors."""
    method, template = call.split(" ")
    on_views = errors.startswith("view:")
    own = {
        word.rstrip("*"): NO_BODY
        if word == "304"
        else EITHER_ERROR
        if on_views or word.endswith("*")
        else ERROR
        for word in errors.removeprefix("view:").split()
    }
    return Operation(
        id=id,
        method=method,
        template=template,
        request=takes,
        must_send=not may_be_empty,
        query=MappingProxyType(dict(query or {})),
        headers=MappingProxyType(dict(headers or {})),
        responses=MappingProxyType({"200" if gives else "204": gives, **_USUAL, **own}),
        gives_headers=("etag",) if etag else (),
        mutation=changes,
    )


_TOKEN = Operation(
    id="getToken",
    method="POST",
    template="/v1/oauth/tokens",
    request="OAuthTokenRequest",
    media=FORM,
    deprecated=True,
    responses={
        "200": "OAuthTokenResponse",
        "400": "OAuthError",
        "401": "OAuthError",
        "5XX": "OAuthError",
    },
)
# Their answers have no body; the specification omits the 403 that all others have.
_VIEW_EXISTS = Operation(
    id="viewExists",
    method="HEAD",
    template=_VIEW,
    responses={
        "204": NO_BODY,
        "400": NO_BODY,
        "401": NO_BODY,
        "404": NO_BODY,
        "419": ERROR,
        "503": ERROR,
        "5XX": ERROR,
    },
)
_COMMIT = "404 409 500 502 504"

OPERATIONS: tuple[Operation, ...] = (
    _row("getConfig", "GET /v1/config", gives="CatalogConfig", query={"warehouse": value("text")}),
    _TOKEN,
    _row(
        "listNamespaces",
        f"GET {_SPACES}",
        gives="ListNamespacesResponse",
        query={**_PAGES, "parent": value("text")},
    ),
    _row(
        "createNamespace",
        f"POST {_SPACES}",
        takes="CreateNamespaceRequest",
        gives="CreateNamespaceResponse",
        errors="406* 409",
        headers=_IDEMPOTENCY,
        changes=True,
    ),
    _row("loadNamespaceMetadata", f"GET {_SPACE}", gives="GetNamespaceResponse"),
    _row("namespaceExists", f"HEAD {_SPACE}"),
    _row("dropNamespace", f"DELETE {_SPACE}", errors="404 409", headers=_IDEMPOTENCY, changes=True),
    _row(
        "updateProperties",
        f"POST {_SPACE}/properties",
        takes="UpdateNamespacePropertiesRequest",
        gives="UpdateNamespacePropertiesResponse",
        errors="404 406* 422",
        headers=_IDEMPOTENCY,
        changes=True,
    ),
    _row("listTables", f"GET {_SPACE}/tables", gives="ListTablesResponse", query=_PAGES),
    _row(
        "createTable",
        f"POST {_SPACE}/tables",
        takes="CreateTableRequest",
        gives="LoadTableResult",
        errors="404 409",
        headers={**_ACCESS, **_IDEMPOTENCY},
        changes=True,
        etag=True,
    ),
    _row("listFunctions", f"GET {_SPACE}/functions", gives="ListFunctionsResponse", query=_PAGES),
    _row("loadFunction", f"GET {_SPACE}/functions/{{function}}", gives="LoadFunctionResult"),
    _row(
        "planTableScan",
        f"POST {_PLAN}",
        takes="PlanTableScanRequest",
        gives="PlanTableScanResult",
        errors="404 406*",
        headers={**_ACCESS, **_IDEMPOTENCY},
        changes=True,
        may_be_empty=True,
    ),
    _row(
        "fetchPlanningResult",
        f"GET {_PLAN}/{{plan-id}}",
        gives="FetchPlanningResult",
        headers=_ACCESS,
    ),
    _row(
        "cancelPlanning",
        f"DELETE {_PLAN}/{{plan-id}}",
        headers={**_ACCESS, **_IDEMPOTENCY},
        changes=True,
    ),
    _row(
        "fetchScanTasks",
        f"POST {_TABLE}/tasks",
        takes="FetchScanTasksRequest",
        gives="FetchScanTasksResult",
        headers=_IDEMPOTENCY,
        may_be_empty=True,
    ),
    _row(
        "registerTable",
        f"POST {_SPACE}/register",
        takes="RegisterTableRequest",
        gives="LoadTableResult",
        errors="404 409",
        headers={**_ACCESS, **_IDEMPOTENCY},
        changes=True,
        etag=True,
    ),
    _row(
        "loadTable",
        f"GET {_TABLE}",
        gives="LoadTableResult",
        errors="304 404",
        query={"snapshots": value("'all'|'refs'"), **_REFERENCED},
        headers={**_ACCESS, "If-None-Match": value("text")},
        etag=True,
    ),
    _row(
        "updateTable",
        f"POST {_TABLE}",
        takes="CommitTableRequest",
        gives="CommitTableResponse",
        errors=_COMMIT,
        headers=_IDEMPOTENCY,
        changes=True,
        etag=True,
    ),
    _row(
        "dropTable",
        f"DELETE {_TABLE}",
        query={"purgeRequested": value("bool = false")},
        headers=_IDEMPOTENCY,
        changes=True,
    ),
    _row("tableExists", f"HEAD {_TABLE}"),
    _row(
        "unregisterTable",
        f"POST {_TABLE}/unregister",
        gives="UnregisterTableResult",
        headers=_IDEMPOTENCY,
        changes=True,
    ),
    _row(
        "loadCredentials",
        f"GET {_TABLE}/credentials",
        gives="LoadCredentialsResponse",
        query={"planId": value("text"), **_REFERENCED},
    ),
    _row(
        "signRequest",
        f"POST {_TABLE}/sign",
        takes="RemoteSignRequest",
        gives="RemoteSignResult",
        errors="",
    ),
    _row(
        "renameTable",
        f"POST {_ROOT}/tables/rename",
        takes="RenameTableRequest",
        errors="404 406* 409",
        headers=_IDEMPOTENCY,
        changes=True,
    ),
    _row("reportMetrics", f"POST {_TABLE}/metrics", takes="ReportMetricsRequest"),
    _row(
        "commitTransaction",
        f"POST {_ROOT}/transactions/commit",
        takes="CommitTransactionRequest",
        errors=_COMMIT,
        headers=_IDEMPOTENCY,
        changes=True,
    ),
    _row(
        "listViews",
        f"GET {_SPACE}/views",
        gives="ListTablesResponse",
        errors="view:404",
        query=_PAGES,
    ),
    _row(
        "createView",
        f"POST {_SPACE}/views",
        takes="CreateViewRequest",
        gives="LoadViewResult",
        errors="view:404 409",
        changes=True,
    ),
    _row("loadView", f"GET {_VIEW}", gives="LoadViewResult", errors="view:404", query=_REFERENCED),
    _row(
        "replaceView",
        f"POST {_VIEW}",
        takes="CommitViewRequest",
        gives="LoadViewResult",
        errors="view:404 409 500 502 504 5XX",
        headers=_IDEMPOTENCY,
        changes=True,
    ),
    _row("dropView", f"DELETE {_VIEW}", errors="view:404", headers=_IDEMPOTENCY, changes=True),
    _VIEW_EXISTS,
    _row(
        "renameView",
        f"POST {_ROOT}/views/rename",
        takes="RenameTableRequest",
        errors="view:404 406 409",
        headers=_IDEMPOTENCY,
        changes=True,
    ),
    _row(
        "registerView",
        f"POST {_SPACE}/register-view",
        takes="RegisterViewRequest",
        gives="LoadViewResult",
        errors="404 409",
        headers=_IDEMPOTENCY,
        changes=True,
    ),
)
_BY_ID = {one.id: one for one in OPERATIONS}


def operation(id: str) -> Operation:
    """The operation with this id; KeyError if there is none."""
    return _BY_ID[id]


def known_operation(id: str) -> Operation | None:
    """The operation with this operationId; None for an unknown one."""
    return _BY_ID.get(id)


def advertised_name(one: Operation) -> str:
    """The operation's name in the endpoints of /v1/config."""
    return f"{one.method} {one.template}"


def _pattern(one: Operation) -> re.Pattern[str]:
    path = one.template.removeprefix("/v1").removeprefix("/{prefix}")
    return re.compile(re.sub(r"{[^}]+}", "[^/]+", path))


BY_DEFAULT = frozenset(
    {
        "listNamespaces",
        "createNamespace",
        "loadNamespaceMetadata",
        "dropNamespace",
        "updateProperties",
        "listTables",
        "createTable",
        "loadTable",
        "updateTable",
        "dropTable",
        "registerTable",
        "reportMetrics",
        "renameTable",
        "commitTransaction",
    }
)
"""The operations that a server offers by default if it does not send `endpoints`."""

_PATTERNS = [(one.method, _pattern(one), one) for one in OPERATIONS]


def match(method: str, path: str) -> Operation | None:
    """The operation of a request, by its path after /v1 and the prefix; None if there is none.

    A query is ignored. No two operations have the same path: /tables/rename is not in a namespace.
    """
    bare = path.partition("?")[0]
    for verb, pattern, one in _PATTERNS:
        if verb == method and pattern.fullmatch(bare):
            return one
    return None
