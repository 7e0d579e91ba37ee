"""What /v1/config tells a client, and what the target file overrules."""

from __future__ import annotations

from typing import Any

import pytest

from iceworthy.client.auth import HeaderSource
from iceworthy.client.connect import Config, read_config, wire_for, wire_of
from iceworthy.client.wire import Wire
from iceworthy.specification import operations_offered
from iceworthy.words.errors import PlanError, TargetError
from iceworthy.words.target import CatalogSpec, TargetSpec

NONE = HeaderSource()
DEFAULT = operations_offered(None)


def test_overrides_win_over_defaults(tiny_catalog: Any, live_over: Any) -> None:
    catalog = tiny_catalog()
    catalog.config = {"defaults": {"prefix": "one"}, "overrides": {"prefix": "two"}}
    live = live_over(catalog, nodes=1)
    assert wire_for(live.spec, live.nodes[0].url, NONE) == Wire(prefix="two", offered=DEFAULT)


def test_a_prefix_is_used_as_given_and_made_fit_for_a_path() -> None:
    for given, used in (("a/b", "a/b"), ("a%2Fb", "a%2Fb"), ("a b", "a%20b"), ("a\nb", "a%0Ab")):
        config = read_config({"defaults": {}, "overrides": {"prefix": given}})
        assert config is not None
        assert config.prefix == used


def test_the_separator_comes_encoded_or_not() -> None:
    for given, used in (("%1F", "\x1f"), (".", "."), ("%2E", "."), ("", "\x1f")):
        config = read_config({"overrides": {"namespace-separator": given}, "defaults": {}})
        assert config is not None
        assert config.separator == used


def test_a_path_holds_the_separator_as_it_was_advertised_and_a_query_the_text_itself() -> None:
    def wire(sent: str) -> Wire:
        config = read_config({"overrides": {"namespace-separator": sent}})
        assert config is not None
        return wire_of(TargetSpec(name="t", summary="t"), config)

    for sent, path in (
        ("%2E", "a%2Eb.c"),
        ("%2e", "a%2eb.c"),
        (".", "a.b.c"),
        ("%1F", "a%1Fb.c"),
        ("%zz", "a%25zzb.c"),
        ("", "a%1Fb.c"),
    ):
        assert wire(sent).namespace_path(("a", "b.c")) == f"/v1/namespaces/{path}"
    assert wire("%2E").list_namespaces(("a", "b")).path == "/v1/namespaces?parent=a.b"
    assert wire("%1F") == Wire(offered=DEFAULT)


def test_missing_endpoints_are_not_no_endpoints() -> None:
    missing, none = read_config({}), read_config({"endpoints": []})
    assert missing is not None
    assert none is not None
    assert (missing.endpoints, none.endpoints) == (None, ())


def test_what_is_offered_is_listed_or_there_by_default() -> None:
    def offers(config: Config, operation: str) -> bool:
        return operation in (wire_of(TargetSpec(name="t", summary="t"), config).offered or ())

    listed = Config(endpoints=("POST /v1/{prefix}/transactions/commit",))
    assert offers(listed, "commitTransaction")
    assert not offers(listed, "loadTable")
    assert offers(Config(), "commitTransaction"), "no list: the specification's default list"
    assert not offers(Config(), "createView")


@pytest.mark.parametrize("body", [None, [], "x", 3])
def test_what_is_no_object_is_no_config(body: Any) -> None:
    assert read_config(body) is None


def test_a_prefix_of_the_target_file_needs_no_config_and_is_not_encoded(live_over: Any) -> None:
    nowhere = "http://127.0.0.1:1"
    live = live_over(urls=[nowhere])
    with pytest.raises(TargetError, match="refused"):
        wire_for(live.spec, nowhere, NONE)
    given = live_over(urls=[nowhere], catalog=CatalogSpec(base="/b", prefix="x%2Fy"))
    assert wire_for(given.spec, nowhere, NONE).root == "/b/v1/x%2Fy"


def test_a_prefix_that_cannot_stand_in_a_path_is_a_usage_error(
    tiny_catalog: Any, live_over: Any
) -> None:
    live = live_over(tiny_catalog(), nodes=1, catalog=CatalogSpec(prefix="my warehouse"))
    with pytest.raises(PlanError, match="percent-encode"):
        wire_for(live.spec, live.nodes[0].url, NONE)
