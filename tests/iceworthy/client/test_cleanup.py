"""Everything below the stem is dropped, views too where the target offers them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from iceworthy.client.cleanup import sweep
from iceworthy.client.wire import Wire

OFFERED = frozenset({"listTables", "listViews", "dropView"})


class Catalog:
    """In place of a client: a namespace iw_1 with one view; drops are kept."""

    def __init__(self) -> None:
        self.dropped: list[str] = []

    def ask(self, call: Any, *, flags: int = 0) -> Any:
        if call.method == "DELETE":
            self.dropped.append(call.path)
        views = [{"namespace": ["iw_1"], "name": "v"}] if call.operation == "listViews" else []
        spaces = [["iw_1"], ["other"]] if call.path.endswith("/namespaces") else []
        body = {"namespaces": spaces, "identifiers": views}
        return SimpleNamespace(op=0, ok=True, status=200, error="", detail="", json=lambda: body)

    def note(self, op: int, **facts: Any) -> None:
        assert op == 0, facts


@pytest.mark.parametrize(("offered", "views"), [(OFFERED, True), (None, False)])
def test_a_namespace_is_dropped_after_its_views(offered: Any, views: bool) -> None:
    client: Any = Catalog()
    assert sweep(client, Wire(offered=offered), (), stem="iw_") == []
    below = ["/v1/namespaces/iw_1/views/v"] * views
    assert client.dropped == [*below, "/v1/namespaces/iw_1"]
