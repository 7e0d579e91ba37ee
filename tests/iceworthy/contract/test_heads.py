"""HEAD of a namespace, a table and a view that is there is 204, by one rule for all three."""

from __future__ import annotations

import pytest

from iceworthy.contract.case import cases_of
from iceworthy.contract.desk import Desk
from iceworthy.contract.run import run_case
from tests.iceworthy.contract.conftest import Answers, Server

CASES = {
    "namespaces": "exists_answers_204",
    "table_presence": "exists_tells_whether_a_table_is_there",
    "views": "a_view_that_is_there_exists",
}


class Heads(Answers):
    """HEAD is 404 the first time at a table's path, and else of one status; all other is 200."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status

    def get(self, key: tuple[str, str], otherwise: object = None) -> tuple[int, bytes]:
        del otherwise
        method, path = key
        if method != "HEAD":
            return 200, b"{}"
        is_first = "/tables/" in path and key not in self
        self[key] = (self.status, b"")
        return (404, b"") if is_first else (self.status, b"")


@pytest.mark.parametrize("subject", CASES)
@pytest.mark.parametrize(("status", "ended"), [(204, "holds"), (200, "broken"), (404, "broken")])
def test_a_head_of_what_is_there_is_204(
    subject: str, status: int, ended: str, whole_desk: Desk, server: Server
) -> None:
    server.answers = Heads(status)
    (one,) = (case for case in cases_of(subject) if case.name == CASES[subject])
    found = run_case(whole_desk, one)
    assert (found.ended, found.expected) == (ended, "status 204" if ended == "broken" else "")
