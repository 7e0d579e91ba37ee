"""The endpoints of /v1/config say what is offered, in whatever spelling; nothing else is asked."""

from __future__ import annotations

import pytest

from iceworthy.specification import BY_DEFAULT, OPERATIONS, advertised_name, operations_offered

CONFIG = frozenset({"getConfig"})
ALL = frozenset(one.id for one in OPERATIONS)


def test_a_server_that_lists_nothing_offers_the_default_list_without_heads_and_plans() -> None:
    assert operations_offered(None) == BY_DEFAULT | CONFIG
    heads = {one.id for one in OPERATIONS if one.method == "HEAD"}
    assert not BY_DEFAULT & (heads | {"planTableScan", "loadView", "listViews"})


def test_the_whole_list_as_the_document_writes_it_offers_everything() -> None:
    assert operations_offered(tuple(advertised_name(one) for one in OPERATIONS)) == ALL


@pytest.mark.parametrize(
    ("entry", "prefix", "found"),
    [
        ("GET /v1/{prefix}/namespaces/{namespace}/tables/{table}", "", {"loadTable"}),
        ("GET /v1/{prefix}/namespaces/{ns}/tables/{t}", "", {"loadTable"}),
        ("get /v1/{prefix}/namespaces", "", {"listNamespaces"}),
        ("GET /v1/{warehouse}/namespaces", "", {"listNamespaces"}),
        ("GET /v1/namespaces", "", {"listNamespaces"}),
        ("GET /v1/main/namespaces", "main", {"listNamespaces"}),
        ("GET /v1/a%2Fb/namespaces", "a%2fb", {"listNamespaces"}),
        ("GET /v1/a/b/namespaces/{namespace}", "a/b", {"loadNamespaceMetadata"}),
        ("GET /api/catalog/v1/{prefix}/namespaces", "", {"listNamespaces"}),
        ("POST /v1/{prefix}/namespaces/*/tables", "", {"createTable"}),
        ("* /v1/{prefix}/tables/rename", "", {"renameTable"}),
        ("ANY /v1/{prefix}/views/rename", "", {"renameView"}),
        ("HEAD /v1/{prefix}/**", "", {"namespaceExists", "tableExists", "viewExists"}),
        ("GET /v1/other/namespaces", "main", set()),
        ("GET /v1/{prefix}/generic-tables", "", set()),
        ("PATCH /v2/{anything}", "", set()),
        ("nonsense", "", set()),
        ("GET", "", set()),
        ("", "", set()),
        ("GET /v1/" + "a/" * 5000, "", set()),
    ],
)
def test_one_entry(entry: str, prefix: str, found: set[str]) -> None:
    assert operations_offered((entry,), prefix) == found | CONFIG
