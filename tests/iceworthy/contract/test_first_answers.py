"""A target that lets nobody in ends the inquiry with the line of its file; no case is asked."""

from __future__ import annotations

from typing import Any

import pytest

from iceworthy.contract.inquiries import InquiryPlan
from iceworthy.contract.run import inquire
from iceworthy.record.contract_lines import CaseResult
from iceworthy.record.known import Known
from iceworthy.record.run_lines import FirstAnswer
from iceworthy.words.blame import EvidenceKind as Kind
from iceworthy.words.errors import NotLetIn, StoppedBy, stopped_by
from iceworthy.words.target import AuthSpec, CatalogSpec, EndpointSpec

PLAN = InquiryPlan(seed=1, token="", known=Known(), params={"cases": ("nodes.*",)}, say=print)


def asked(live: Any) -> list[tuple[str, int]]:
    return [(one.asked, one.status) for one in live.folder.read(FirstAnswer)]


def test_a_refused_key_is_a_matter_of_the_file(
    live_over: Any, tiny_catalog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "wrong")
    catalog = tiny_catalog()
    catalog.token = "right"
    live = live_over(catalog, auth=AuthSpec(kind="token", token_variable="KEY"))
    with pytest.raises(NotLetIn, match=r"\[auth\] token_variable = 'KEY'") as raised:
        inquire(live, live.folder, PLAN, early=True)
    assert stopped_by(raised.value) is StoppedBy.REQUEST
    assert not list(live.folder.read(CaseResult))
    assert set(asked(live)) == {("config", 401), ("namespaces", 401)}


def test_a_refused_client_is_told_at_once_though_readiness_is_200(
    live_over: Any, tiny_catalog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ID", "wrong")
    catalog = tiny_catalog()
    catalog.token = "right"
    auth = AuthSpec(kind="client_credentials", client_id_variable="ID", client_secret_variable="ID")
    live = live_over(catalog, auth=auth)
    with pytest.raises(NotLetIn, match=r"\[auth\] client_secret_variable = 'ID'"):
        inquire(live, live.folder, PLAN, early=True)
    assert set(asked(live)) == {("token", 401)}


def test_a_wrong_prefix_is_a_matter_of_the_file(live_over: Any, tiny_catalog: Any) -> None:
    live = live_over(tiny_catalog(), catalog=CatalogSpec(prefix="elsewhere"))
    with pytest.raises(NotLetIn, match=r"\[catalog\] prefix = 'elsewhere'"):
        inquire(live, live.folder, PLAN, early=True)


def test_who_is_let_in_is_asked_the_cases(live_over: Any, tiny_catalog: Any) -> None:
    live = live_over(tiny_catalog())
    inquire(live, live.folder, PLAN, early=True)
    assert list(live.folder.read(CaseResult))
    assert set(asked(live)) == {("config", 200), ("namespaces", 200)}


@pytest.mark.parametrize(
    ("lines", "evidence"), [({"endpoints.metrics": 3}, Kind.ABSENT), ({}, None)]
)
def test_metrics_that_are_not_there_are_the_files_where_the_file_names_their_path(
    live_over: Any, tiny_catalog: Any, lines: dict[str, int], evidence: Kind | None
) -> None:
    live = live_over(tiny_catalog(), lines=lines, endpoints=EndpointSpec(metrics="/metricz"))
    inquire(live, live.folder, PLAN, early=True)
    found = {one.case: one for one in live.folder.read(CaseResult)}
    metrics = found["nodes.metrics_can_be_read"]
    assert (metrics.ended, metrics.evidence) == ("broken", evidence)
    assert ("(line 3 of" in metrics.got) is bool(lines)


@pytest.mark.parametrize("refused", [True, False])
def test_a_location_that_the_catalog_refuses_is_a_matter_of_the_file(
    live_over: Any, tiny_catalog: Any, refused: bool
) -> None:
    catalog = tiny_catalog()
    answer = catalog.answer

    def only_its_own(method: str, target: str, body: bytes, token: str) -> tuple[int, Any]:
        if refused and method == "POST" and b'"location":"gs://' in body:
            return 400, {"error": {"message": "no", "type": "BadRequestException", "code": 400}}
        found: tuple[int, Any] = answer(method, target, body, token)
        return found

    catalog.answer = only_its_own
    live = live_over(catalog, catalog=CatalogSpec(location="gs://bucket"))
    if refused:
        with pytest.raises(NotLetIn, match=r"\[catalog\] location = 'gs://bucket'"):
            inquire(live, live.folder, PLAN, early=True)
        assert ("location", 400) in asked(live)
    else:
        inquire(live, live.folder, PLAN, early=True)
        assert "location" not in dict(asked(live))
    assert not [space for space in catalog.namespaces if space[-1].startswith("iw_first_")]
