"""An outcome is never guessed."""

import pytest

from iceworthy.words.outcome import classify


def outcome(status: int, *, mutation: bool = True, sent: bool = True, complete: bool = True) -> str:
    return classify(mutation=mutation, status=status, sent_bytes=sent, complete=complete).name


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_whole_success_of_a_mutation_is_ok(status: int) -> None:
    assert outcome(status) == "OK"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 409, 419, 422, 429])
def test_a_whole_refusal_of_a_mutation_is_fail(status: int) -> None:
    assert outcome(status) == "FAIL"


@pytest.mark.parametrize("status", [0, 500, 502, 503, 504, 301, 408])
def test_what_the_specification_calls_unknown_is_info(status: int) -> None:
    assert outcome(status) == "INFO"


@pytest.mark.parametrize("status", [0, 200, 409])
def test_an_answer_that_did_not_end_as_announced_leaves_a_mutation_unknown(status: int) -> None:
    assert outcome(status, complete=False) == "INFO"


def test_a_mutation_of_which_no_byte_left_surely_failed() -> None:
    assert outcome(0, sent=False, complete=False) == "FAIL"


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, "OK"), (304, "OK"), (404, "OK"), (500, "DROPPED"), (0, "DROPPED"), (401, "DROPPED")],
)
def test_a_failed_read_tells_nothing_but_a_404_is_an_answer(status: int, expected: str) -> None:
    assert outcome(status, mutation=False) == expected
