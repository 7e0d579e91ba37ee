"""The first answers name the key of the target file that may be wrong, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from iceworthy.record.not_let_in import mistake_in
from iceworthy.record.run_lines import FirstAnswer
from iceworthy.words.target import AuthSpec, CatalogSpec, EndpointSpec, NodeSpec, TargetSpec

URLS = NodeSpec(urls=("http://127.0.0.1:1",))
BASE = TargetSpec(
    name="mine", summary="mine", node=URLS, lines={"auth.kind": 4, "catalog.prefix": 9}
)
OAUTH = AuthSpec(kind="client_credentials", client_id_variable="A", client_secret_variable="B")
KEY = AuthSpec(kind="api_key", api_key_variable="K")
ELSEWHERE = EndpointSpec(ready="http://{host}:{admin_port}/ready")


def answers(*found: tuple[str, int] | tuple[str, int, str]) -> list[FirstAnswer]:
    lines = []
    for number, (asked, status, *error) in enumerate(found):
        facts: Any = {"asked": asked, "status": status, "error": error[0] if error else ""}
        lines.append(FirstAnswer(t_ns=number, node=0, **facts))
    return lines


@pytest.mark.parametrize(
    ("facts", "came", "words"),
    [
        ({}, [("ready", 404)], "[endpoints] ready = '/ready' (mine.toml does not set it)"),
        ({}, [("ready", 0, "refused")], "not answered (refused); is [node] urls"),
        ({"auth": OAUTH}, [("token", 401, "invalid_client")], "[auth] client_secret_variable"),
        ({"auth": OAUTH}, [("token", 400, "invalid_scope")], "is [auth] scope"),
        ({"auth": OAUTH}, [("token", 404)], "[auth] token_path"),
        ({"auth": OAUTH}, [("token", 401)], "[auth] token_path"),
        ({"auth": OAUTH}, [("token", 0, "refused")], "not reached (refused); is [auth] token_path"),
        ({"auth": OAUTH}, [("token", 200), ("config", 403)], "[auth] client_id_variable"),
        ({"auth": KEY}, [("config", 401)], "was refused: /v1/config"),
        ({"auth": KEY}, [("config", 200), ("namespaces", 401)], "[auth] api_key_variable = 'K'"),
        ({}, [("config", 401)], "without a login; is [auth] kind = 'none' (line 4 of mine.toml)"),
        ({}, [("config", 404)], "[catalog] base"),
        ({"catalog": CatalogSpec(warehouse="w")}, [("config", 404)], "[catalog] warehouse = 'w'"),
        ({"catalog": CatalogSpec(warehouse="w")}, [("config", 400)], "[catalog] warehouse = 'w'"),
        (
            {"catalog": CatalogSpec(warehouse="w")},
            [("config", 404), ("namespaces", 200)],
            "[catalog] warehouse = 'w'",
        ),
        ({}, [("config", 0, "tls")], "certificate is not trusted"),
        ({"endpoints": ELSEWHERE}, [("config", 0, "refused")], "though readiness, at another port"),
        (
            {"catalog": CatalogSpec(prefix="x")},
            [("config", 200), ("namespaces", 404)],
            "[catalog] prefix = 'x' (line 9 of mine.toml)",
        ),
        (
            {"catalog": CatalogSpec(root_namespace=("r",))},
            [("config", 200), ("root", 404)],
            "[catalog] root_namespace",
        ),
        (
            {"catalog": CatalogSpec(location="gs://b")},
            [("config", 200), ("namespaces", 200), ("location", 400)],
            "[catalog] location = 'gs://b'",
        ),
    ],
)
def test_the_key_that_may_be_wrong_is_named(facts: Any, came: Any, words: str) -> None:
    told = mistake_in(replace(BASE, **facts), answers(*came))
    assert words in told


@pytest.mark.parametrize(
    ("facts", "came"),
    [
        ({}, []),
        ({}, [("config", 200), ("namespaces", 200)]),
        ({}, [("config", 404), ("config", 200)]),
        ({}, [("ready", 503)]),
        ({}, [("config", 503)]),
        ({}, [("config", 0, "timeout")]),
        ({}, [("config", 0, "refused")]),
        ({}, [("config", 200), ("namespaces", 404)]),
        ({}, [("config", 200), ("namespaces", 500)]),
        ({"catalog": CatalogSpec(prefix="x")}, [("config", 404), ("namespaces", 200)]),
        ({"auth": OAUTH}, [("token", 500)]),
        ({"auth": OAUTH}, [("token", 0, "timeout")]),
        ({"auth": OAUTH}, [("token", 200), ("config", 401)]),
        ({"auth": OAUTH}, [("token", 401), ("token", 200), ("config", 200), ("namespaces", 200)]),
    ],
)
def test_what_is_the_catalogs_doing_names_no_key(facts: Any, came: Any) -> None:
    assert mistake_in(replace(BASE, **facts), answers(*came)) == ""


def test_no_secret_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K", "top-secret")
    assert "top-secret" not in mistake_in(replace(BASE, auth=KEY), answers(("config", 401)))
