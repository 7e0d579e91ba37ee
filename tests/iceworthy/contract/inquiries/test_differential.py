"""A difference is written down with its statuses and its last request as data."""

from __future__ import annotations

from iceworthy.client.asker import Asked
from iceworthy.contract.differential.compare import Ruled
from iceworthy.contract.differential.diff import Answered, Differs
from iceworthy.contract.differential.ruling_table import Ruling
from iceworthy.contract.differential.run import Shown, Signature
from iceworthy.contract.differential.search import Cause
from iceworthy.contract.differential.steps import Step
from iceworthy.contract.inquiries.differential import _line
from iceworthy.record.contract_lines import Difference

CALLS = tuple(
    Asked(url="http://127.0.0.1:1", method=method, path="/v1/namespaces/a", operation=operation)
    for method, operation in (("GET", "loadNamespaceMetadata"), ("DELETE", "dropNamespace"))
)


def line_of(kind: str, ours: Answered, theirs: Answered, told: tuple[str, str]) -> Difference:
    step = Step(operation="dropNamespace", space=("a",))
    shown = Shown(
        signature=Signature(
            operation="dropNamespace", shown_by="answer", kind=kind, path="", ours="", theirs=""
        ),
        differs=Differs(kind=kind, path="", ours=told[0], theirs=told[1]),
        at=0,
        step=step,
        ours=ours,
        theirs=theirs,
        their_calls=CALLS,
        our_calls=CALLS,
    )
    cause = Cause(shown=shown, sequence=(step,), times=3, shrunk=True)
    lines = tuple(one.curl for one in CALLS)
    ruling = Ruling(verdict="wrong", words="w")
    return Difference(
        **_line(Ruled(cause=cause, ruling=ruling, target_lines=lines, reference_lines=lines))
    )


def test_a_difference_of_statuses_has_both_as_numbers_and_the_last_request() -> None:
    answers = Answered(status=404, error_type="NoSuchNamespace"), Answered(status=503)
    found = line_of("status", *answers, ("404 NoSuchNamespace", "503"))
    assert (found.expected_statuses, found.given) == ((404,), 503)
    assert found.sent == CALLS[1].sent
    assert found.request.splitlines() == [one.curl for one in CALLS]


def test_a_target_that_did_not_answer_gave_no_status() -> None:
    found = line_of(
        "status", Answered(status=204), Answered(status=0, error="torn"), ("204", "torn")
    )
    assert (found.expected_statuses, found.given) == ((204,), 0)


def test_another_difference_has_no_statuses() -> None:
    same = Answered(status=404, error_type="A"), Answered(status=404, error_type="B")
    found = line_of("error-type", *same, ("A", "B"))
    assert (found.expected_statuses, found.given) == ((), 0)
