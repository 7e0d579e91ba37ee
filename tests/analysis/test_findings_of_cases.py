"""Broken cases by cause: lines as a real catalog's run leaves them, without its names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analysis.causes import LOST_PROPERTY, UNDONE
from analysis.findings_of_cases import of_cases, undone_operations
from iceworthy.record.contract_lines import CaseResult, SentRequest
from iceworthy.words.finding import Finding, Harm, grouped

TABLE = "/v1/namespaces/iw_ns7/tables/t"
CONFIG = ("GET", "/v1/config")


def broken(case: str, about: str, given: int, **facts: Any) -> CaseResult:
    """A broken case; sent: (method, path) of the request that decided."""
    method, path = facts.pop("sent", ("GET", TABLE))
    sent = SentRequest(method=method, path=path, body=facts.pop("body", ""), curl="curl x")
    given_facts = {"expected_statuses": (), "expected": "", "got": f"status {given}", **facts}
    return CaseResult(case=case, about=about, given=given, ended="broken", sent=sent, **given_facts)


def holding(about: str, number: int) -> list[CaseResult]:
    return [CaseResult(case=f"x.holds{n}", about=about, ended="holds") for n in range(number)]


def error(status: int, message: str) -> str:
    return f'status {status}: {{"error":{{"code":{status},"message":"{message}","type":"X"}}}}'


def refused(case: str, message: str, action: str = "add-schema") -> CaseResult:
    came, body = error(400, message), f'{{"updates":[{{"action":"{action}"}}]}}'
    facts = {"expected_statuses": (200,), "got": came, "sent": ("POST", TABLE), "body": body}
    return broken(case, "updateTable", 400, **facts)


def odd_name(kind: str, name: str) -> CaseResult:
    """A table or view that was created, and is not found under its name."""
    path = f"/catalog/v1/main/namespaces/iw_ns7/{kind.lower()}s/{name}"
    came = error(404, f"{kind} does not exist: iw_ns7.{name}")
    about = f"create{kind}"
    return broken(
        f"x.odd[{name}]", about, 404, expected_statuses=(200,), got=came, sent=("GET", path)
    )


SNAPSHOT_ID = "snapshot_ids.a_snapshot_id_is_kept_exactly[62 bits]"
STAGED = "tables.a_staged_table_is_not_there"
LOST = "races.of_many_property_changes_none_is_lost"
TRANSACTION = ("POST", "/v1/transactions/commit")


def transactions() -> list[CaseResult]:
    """A catalog that answers 200 to every transaction and applies none."""
    lands = [
        broken(
            f"transactions.{n}_land",
            "commitTransaction",
            200,
            expected_statuses=(204,),
            sent=TRANSACTION,
        )
        for n in range(3)
    ]
    accepted = [
        broken(
            f"transactions.a_failed_member_leaves_nothing[{n}]",
            "commitTransaction",
            200,
            expected_statuses=(409,) if n % 2 else (400,),
            sent=TRANSACTION,
        )
        for n in range(6)
    ]
    seen = broken(
        "transactions.no_reader_sees_half_a_transaction",
        "commitTransaction",
        200,
        expected="a after its acknowledgement: 1",
        got="0",
    )
    return [*lands, *accepted, seen]


def real() -> list[CaseResult]:
    """What a real catalog's run held, one line or two of each cause, worst last."""
    return [
        broken("tables.exists", "tableExists", 200, expected_statuses=(204,), sent=("HEAD", TABLE)),
        broken(
            "listings.shown_once[7]",
            "listTables",
            200,
            expected="names not shown of 105: none",
            got="['t007']",
            sent=("GET", "/v1/namespaces/iw_ns7/tables?pageSize=7"),
        ),
        refused("table_updates.a_schema_is_added", "add-schema: schema-id 0 already exists"),
        refused("table_updates.schemas_are_removed", "add-schema: schema-id 4 already exists"),
        broken(STAGED, "createTable", 200, expected_statuses=(404,)),
        broken(LOST, "updateProperties", 200, expected="properties of 12: all there", got="['p0']"),
        refused(
            SNAPSHOT_ID,
            "set-snapshot-ref: snapshot-id 3251175794568883927 does not exist",
            "add-snapshot",
        ),
        *transactions(),
        *(odd_name(kind, name) for kind in ("Table", "View") for name in ("a%20b", "a%2Fb")),
    ]


def findings(lines: Sequence[CaseResult]) -> tuple[Finding, ...]:
    every = [*lines, *holding("commitTransaction", 10), *holding("updateTable", 90)]
    return grouped(of_cases(lines, every))


def test_what_loses_data_is_first_then_what_refuses_then_what_breaks_clients_then_shape() -> None:
    found = findings(real())
    assert [(one.harm, one.count) for one in found] == [
        (Harm.LOST, 10),
        (Harm.LOST, 4),
        (Harm.LOST, 1),
        (Harm.LOST, 1),
        (Harm.TORN, 1),
        (Harm.UNAVAILABLE, 2),
        (Harm.CLIENTS, 1),
        (Harm.SHAPE, 1),
    ]
    assert {one.shown_by[0] for one in found[2:4]} == {SNAPSHOT_ID, LOST}
    assert found[4].shown_by == (STAGED,)


def test_a_write_that_is_acknowledged_and_does_nothing_is_one_finding() -> None:
    (one,) = findings(transactions())
    assert one.title == "commitTransaction acknowledges what it does not do: 10 of its 20 cases"
    assert one.got == "0", "what was read back says more than a status"


def test_a_write_whose_smallest_request_does_nothing_is_one_finding_with_what_stands_on_it() -> (
    None
):
    plain = broken("plain.x", "commitTransaction", 200, expected="property k: 1", got="None")
    open_ones = [
        CaseResult(case=f"x.{n}", about="commitTransaction", ended="unknown", stands_on="plain.x")
        for n in range(7)
    ]
    (one,) = grouped(of_cases([plain], [plain, *open_ones]))
    assert one.got == "nothing"
    assert one.cause.rule == UNDONE
    assert one.title == (
        "commitTransaction acknowledges its smallest request and does not do it; "
        "7 cases that need it are not tried"
    )
    assert undone_operations([plain]) == {}, "nothing stands on it"


def test_lost_properties_are_the_cause_that_the_history_has_too() -> None:
    (one,) = findings([line for line in real() if line.case == LOST])
    assert one.cause == LOST_PROPERTY


def test_a_name_that_is_shown_otherwise_is_a_name_that_is_not_found_again() -> None:
    facts: dict[str, Any] = {"expected": "namespace: ['a.b']", "got": "['a', 'b']"}
    named = broken("x.dot", "createNamespace", 200, sent=("GET", "/v1/namespaces/a.b"), **facts)
    found = findings([named, odd_name("Table", "a%20b")])
    assert [one.count for one in found] == [2]
    (alone,) = findings([named])
    assert alone.title.endswith("and then loadNamespaceMetadata shows it under another name")


def test_a_listing_that_shows_too_much_loses_nothing() -> None:
    facts: dict[str, Any] = {"expected": "children: []", "got": "['a']"}
    line = broken("x.child", "dropNamespace", 200, sent=("GET", "/v1/namespaces"), **facts)
    assert findings([line])[0].harm is Harm.CLIENTS


def test_a_listing_of_what_was_dropped_is_about_the_listing() -> None:
    listed = ("GET", "/v1/namespaces/a/tables")
    dropped = broken("n.gone", "dropNamespace", 200, expected_statuses=(404,), sent=listed)
    unknown = broken("l.unknown", "listTables", 200, expected_statuses=(404,), sent=listed)
    (one,) = findings([dropped, unknown])
    assert (one.harm, one.count) == (Harm.CLIENTS, 2)
    assert one.title.startswith("listTables accepts what must be refused: expected 404, got 200")


def test_what_may_be_refused_is_not_called_lawful_where_it_is_a_server_error() -> None:
    due = (200, 400, 404)
    (one,) = findings([broken("c.w", "getConfig", 500, expected_statuses=due, sent=CONFIG)])
    assert one.title.startswith("getConfig answers a request with a server error")


def test_a_write_that_mostly_works_keeps_its_causes_apart() -> None:
    every = [*transactions(), *holding("commitTransaction", 30)]
    assert undone_operations(every) == {}
    assert len(grouped(of_cases(transactions(), every))) > 1


def test_a_success_under_another_number_is_no_write_without_effect() -> None:
    lines = [
        broken(f"x.gone{n}", "dropTable", 200, expected_statuses=(204,), sent=("DELETE", TABLE))
        for n in range(9)
    ]
    (one,) = findings(lines)
    assert one.title == (
        "dropTable answers a status that the document does not have for it: expected 204, got 200"
    )
    assert one.harm is Harm.SHAPE


def test_names_that_are_not_found_again_are_one_cause_over_all_entities() -> None:
    (one,) = findings([odd_name("Table", "a%20b"), odd_name("View", "b%25c")])
    assert one.count == 2
    assert "then loadTable does not find it under its name" in one.title
    assert not one.optional, "a table is among them"


def test_refusals_are_told_apart_by_what_they_say_and_not_by_what_they_name() -> None:
    found = findings([line for line in real() if line.given == 400])
    assert [one.count for one in found] == [1, 2]
    assert found[1].title.endswith("add-schema: schema-id … already exists")


def test_a_server_error_for_a_wrong_request_is_one_cause_whatever_it_says() -> None:
    def line(case: str, expected: tuple[int, ...], message: str) -> CaseResult:
        facts = {
            "expected_statuses": expected,
            "expected": "a status 4xx",
            "got": error(500, message),
        }
        return broken(case, "updateTable", 500, sent=("POST", TABLE), **facts)

    wrong = [line("x.a", (), "Cannot parse a"), line("x.b", (400,), "No content")]
    lawful = [line("x.c", (200,), "cast of Long"), line("x.d", (200,), "disk full")]
    found = findings([*wrong, *lawful])
    assert [(one.harm, one.count) for one in found] == [
        (Harm.UNAVAILABLE, 1),
        (Harm.UNAVAILABLE, 1),
        (Harm.CLIENTS, 2),
    ]


def test_an_error_is_no_lost_data_whatever_the_case_is_about() -> None:
    facts: dict[str, Any] = {"expected_statuses": (204,), "sent": TRANSACTION}
    answered = broken("transactions.x_land", "commitTransaction", 500, **facts)
    other = broken(
        "transactions.a_failed_member_leaves_nothing[x]",
        "commitTransaction",
        404,
        **facts | {"expected_statuses": (400,)},
    )
    assert [one.harm for one in findings([answered, other])] == [Harm.UNAVAILABLE, Harm.CLIENTS]


def test_what_is_refused_only_by_its_guard_comes_after_what_is_lost() -> None:
    guard = broken("x.cas", "updateTable", 200, expected_statuses=(409,), sent=("POST", TABLE))
    (one,) = findings([guard])
    assert one.harm is Harm.UNGUARDED
    assert one.title == 'updateTable accepts what must be refused: expected 409, got 200 ("cas")'


def test_a_title_says_the_claim_the_expected_and_the_given_answer() -> None:
    state = broken("x.kept[long]", "updateTable", 200, expected="default: 17", got="2" * 80)
    staged = broken(STAGED, "createTable", 200, expected_statuses=(404,))
    other = broken("x.gone", "dropTable", 400, expected_statuses=(404,), sent=("DELETE", TABLE))
    any_4xx = broken("x.wrong", "updateTable", 200, expected="a status 4xx", sent=("POST", TABLE))
    crash = broken("x.odd", "updateTable", 500, expected="a status 4xx", sent=("POST", TABLE))
    found = {
        line.case: findings([line])[0].title for line in (state, staged, other, any_4xx, crash)
    }
    assert list(found.values()) == [
        f'updateTable breaks "kept, long": default: expected 17, got {"2" * 59}…',
        'createTable breaks "a staged table is not there": loadTable finds it, '
        "expected 404, got 200",
        'dropTable answers another status: expected 404, got 400 ("gone")',
        'updateTable accepts what must be refused: expected 4xx, got 200 ("wrong")',
        "updateTable answers what must be refused with a server error: "
        'expected 4xx, got 500 ("odd")',
    ]


def test_optional_operations_come_after_those_of_every_catalog() -> None:
    path = "/v1/namespaces/iw_ns7/views/v"
    view = broken("x.view", "replaceView", 200, expected_statuses=(409,), sent=("POST", path))
    table = broken("x.table", "updateTable", 200, expected_statuses=(409,), sent=("POST", TABLE))
    assert [one.shown_by for one in findings([view, view, table])] == [("x.table",), ("x.view",)]


def test_lost_and_torn_data_are_one_harm_in_which_the_more_frequent_finding_is_first() -> None:
    staged = broken(STAGED, "createTable", 200, expected_statuses=(404,))
    lost = broken("x.kept", "updateTable", 200, expected="default: 1", got="None")
    guard = broken("x.cas", "updateTable", 200, expected_statuses=(409,), sent=("POST", TABLE))
    found = findings([*[guard] * 3, lost, staged, staged])
    assert [one.harm for one in found] == [Harm.TORN, Harm.LOST, Harm.UNGUARDED]


def test_a_new_case_of_a_lost_update_comes_before_a_shape_whatever_it_is_called() -> None:
    shape = broken("a.z", "tableExists", 200, expected_statuses=(204,), sent=("HEAD", TABLE))
    shapes = [replace(shape, case=f"a.z[{n}]") for n in range(40)]
    lost = broken("made.up", "updateTable", 200, expected="property k: 'v'", got="None")
    write = SentRequest(method="POST", path=TABLE, status=200)
    acknowledged = replace(lost, before=(write,))
    torn = replace(lost, case="made.up_too", before=(write, replace(write, status=409)))
    for own, harm in ((lost, Harm.LOST), (acknowledged, Harm.LOST), (torn, Harm.TORN)):
        found = findings([*shapes, own])
        assert [(one.harm, one.count) for one in found] == [(harm, 1), (Harm.SHAPE, 40)]


def test_a_second_winner_is_what_the_requirement_of_its_case_protects() -> None:
    facts: dict[str, Any] = {"expected": "exactly one winner", "got": "2 of 8 answered 2xx"}
    won = broken("new.race", "updateTable", 200, sent=("POST", TABLE), **facts)
    harms = [
        findings([replace(won, requirement=name)])[0].harm for name in ("FR-004", "FR-016", "")
    ]
    assert harms == [Harm.UNGUARDED, Harm.LOST, Harm.CLIENTS]
