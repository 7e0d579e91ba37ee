"""The life of a plan: fetched from any node, in parts; cancelled, expired, bound to its table."""

from __future__ import annotations

import time

from iceworthy.client.asker import Reply
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs
from iceworthy.contract.object_access import VENDED
from iceworthy.contract.scan_scenes import (
    MANY,
    Planned,
    ScanTable,
    collect,
    completed,
    given,
    large,
    planned,
    small,
    submit,
)

PLACE = "fetchPlanningResult.description"

EC = "EC-3"
PLAN, TASK = "NoSuchPlanIdException", "NoSuchPlanTaskException"
EXPIRY_S_MAX = 30.0
LEEWAY_S = 1.0
LATE_S = 5.0
"""How much later than announced a plan may expire."""
FETCHED = "plan_life.a_plan_can_be_fetched_by_its_id"
NOBODY = "00000000000000000000000000000000"


def _fetch(desk: Desk, table: ScanTable, plan_id: str, *, node: int = 0) -> Reply:
    return desk.do("fetchPlanningResult", table.space, table.name, plan_id, node=node)


def _task(desk: Desk, table: ScanTable, task: str, *, node: int = 0) -> Reply:
    body = {"plan-task": task}
    return desk.do("fetchScanTasks", table.space, table.name, body=body, node=node)


def _in_parts(desk: Desk) -> tuple[ScanTable, Planned, list[str]]:
    """A large plan, the tasks of its first answer, and its remaining plan tasks."""
    table = large(desk)
    plan_id, result = completed(desk, table, submit(desk, table))
    found = Planned(plan_id=plan_id, first=result)
    tasks = collect(desk, found, result)
    return table, found, tasks


def _gone(desk: Desk, table: ScanTable, plan_id: str, *, node: int = 0) -> None:
    """Expect a 404, or the status cancelled, which tells the client to discard the id."""
    reply = _fetch(desk, table, plan_id, node=node)
    if not (reply.status == 200 and reply.get("status") == "cancelled"):
        desk.expect(reply, 404, error=PLAN)


def _is_kept(desk: Desk, table: ScanTable, first: Reply, plan_id: str) -> bool:
    """Whether the node that made a plan knows it. A 404 for one that was completed at once is a
    remark: the document tells clients to fetch a plan that was submitted."""
    reply = _fetch(desk, table, plan_id)
    if first.get("status") != "completed" or reply.status != 404:
        return True
    desk.remark("status 200", reply.said, reply)
    return False


def _kept(desk: Desk, table: ScanTable) -> str:
    """The id of a plan that can be fetched and cancelled. Skipped where a plan that is completed at
    once is not kept: there is nothing to ask again, and nothing to cancel."""
    first = submit(desk, table)
    plan_id, _ = completed(desk, table, first)
    _skip_unless_kept(desk, table, first, plan_id)
    return plan_id


def _skip_unless_kept(desk: Desk, table: ScanTable, first: Reply, plan_id: str) -> None:
    reply = _fetch(desk, table, plan_id)
    if first.get("status") == "completed" and reply.status == 404:
        desk.skip("a plan that is completed at once is not kept", left_to=FETCHED)


@case(
    "fetchPlanningResult",
    uses=("planTableScan",),
    says="a plan-id is for fetching the planning result",
)
def a_plan_can_be_fetched_by_its_id(desk: Desk) -> None:
    table = small(desk)
    first = submit(desk, table)
    plan_id, result = completed(desk, table, first)
    if not _is_kept(desk, table, first, plan_id):
        return
    again = desk.expect(_fetch(desk, table, plan_id), 200)
    desk.same("the status", "completed", again.get("status"), again)
    files = [
        sorted(t["data-file"]["file-path"] for t in one.get("file-scan-tasks") or [])
        for one in (result, again)
    ]
    desk.same("files", files[0], files[1], again)


@case(
    "fetchPlanningResult",
    uses=("planTableScan",),
    needs=("two_nodes",),
    says="every node of the catalog serves a plan",
    place="FR-007",
)
def a_plan_is_fetched_from_the_other_node(desk: Desk) -> None:
    table = small(desk)
    first = submit(desk, table)
    plan_id, result = completed(desk, table, first)
    if not _is_kept(desk, table, first, plan_id):
        return
    again = desk.expect(_fetch(desk, table, plan_id, node=1), 200)
    desk.same("tasks", result.get("file-scan-tasks"), again.get("file-scan-tasks"), again)


@case("fetchPlanningResult", says="404 NoSuchPlanIdException: the plan-id does not exist")
def an_unknown_plan_is_not_there(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(desk.do("fetchPlanningResult", space, "t", NOBODY), 404, error=PLAN)


@case("cancelPlanning", says="404 NoSuchPlanIdException: the plan-id does not exist")
def an_unknown_plan_cannot_be_cancelled(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(desk.do("cancelPlanning", space, "t", NOBODY), 404, error=PLAN)


@case(
    "cancelPlanning",
    uses=("planTableScan", "fetchPlanningResult"),
    says="a cancelled plan-id is invalid and should be discarded",
    place="cancelPlanning.description",
)
def a_cancelled_plan_is_gone(desk: Desk) -> None:
    table = small(desk)
    plan_id = _kept(desk, table)
    desk.expect(desk.do("cancelPlanning", table.space, table.name, plan_id), 204)
    for node in range(len(desk.live.nodes)):
        _gone(desk, table, plan_id, node=node)


@case(
    "fetchPlanningResult",
    uses=("planTableScan",),
    says="a plan is valid only for the table in its path",
)
def another_tables_plan_is_not_there(desk: Desk) -> None:
    table = small(desk)
    plan_id = _kept(desk, table)
    other = desk.fresh()
    desk.table(other)
    desk.expect(desk.do("fetchPlanningResult", other, "t", plan_id), 404, error=PLAN)


@case(
    "cancelPlanning",
    uses=("planTableScan", "fetchPlanningResult"),
    says="a plan is valid only for the table in its path",
    place="cancelPlanning.responses.404",
)
def another_tables_plan_is_not_cancelled(desk: Desk) -> None:
    table = small(desk)
    plan_id = _kept(desk, table)
    other = desk.fresh()
    desk.table(other)
    reply = desk.do("cancelPlanning", other, "t", plan_id)
    desk.expect(_fetch(desk, table, plan_id), 200)
    if reply.status == 204:  # nothing was cancelled: the answer is that of a repeated cancel
        desk.remark("status 404", reply.said, reply)
    else:
        desk.expect(reply, 404, error=PLAN)


@case(
    "fetchScanTasks",
    uses=("planTableScan",),
    says="each plan task gives file scan tasks; together they are the whole plan",
    place="schemas.PlanTask",
)
def a_plan_in_parts_holds_every_file_once(desk: Desk) -> None:
    table = large(desk)
    found = planned(desk, table)
    desk.same("files", sorted(table.paths.values()), sorted(found.paths))


@case(
    "fetchScanTasks",
    uses=("planTableScan",),
    needs=("two_nodes",),
    says="every node of the catalog serves a plan",
    place="FR-007",
)
def plan_tasks_are_fetched_from_the_other_node(desk: Desk) -> None:
    table = large(desk)
    found = planned(desk, table, node=1)
    desk.same("how many files", MANY, len(set(found.paths)))


@case(
    "fetchScanTasks",
    uses=("planTableScan",),
    says="an answer may be lost: a plan task that is fetched again gives the same, or a 404",
)
def a_plan_task_fetched_twice_gives_the_same(desk: Desk) -> None:
    table, _, tasks = _in_parts(desk)
    if not tasks:
        desk.skip(f"it sends a plan of {MANY} files in one answer")
    first = desk.expect(_task(desk, table, tasks[0]), 200)
    again = _task(desk, table, tasks[0])
    if again.status == 200:
        desk.same("tasks", first.get("file-scan-tasks"), again.get("file-scan-tasks"), again)
    else:
        desk.expect(again, 404, error=TASK)


@case("fetchScanTasks", says="404 NoSuchPlanTaskException: the plan task does not exist")
def an_unknown_plan_task_is_not_there(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    reply = desk.do("fetchScanTasks", space, "t", body={"plan-task": f"{NOBODY}-1"})
    desk.expect(reply, 404, error=TASK)


@case("fetchScanTasks", says="plan-task is required", place="schemas.FetchScanTasksRequest")
def tasks_without_a_plan_task_are_refused(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.expect(desk.do("fetchScanTasks", space, "t", body={}), 400)


@case(
    "fetchScanTasks",
    uses=("planTableScan",),
    says="a plan is valid only for the table in its path",
    place="fetchScanTasks.responses.404",
)
def another_tables_plan_task_is_not_there(desk: Desk) -> None:
    _, _, tasks = _in_parts(desk)
    if not tasks:
        desk.skip(f"it sends a plan of {MANY} files in one answer")
    other = desk.fresh()
    desk.table(other)
    reply = desk.do("fetchScanTasks", other, "t", body={"plan-task": tasks[0]})
    desk.expect(reply, 404, error=TASK)


@case(
    "fetchScanTasks",
    requirement=EC,
    uses=("planTableScan", "cancelPlanning"),
    says="a plan that ends while its tasks are fetched is a 404, or continues as it "
    "was; never a 5xx, never different files",
)
def a_plan_cancelled_between_its_tasks_ends_clearly(desk: Desk) -> None:
    with given():
        table, found, tasks = _in_parts(desk)
    if not tasks:
        desk.skip(f"it sends a plan of {MANY} files in one answer")
    _skip_unless_kept(desk, table, found.first, found.plan_id)
    desk.expect(desk.do("cancelPlanning", table.space, table.name, found.plan_id), 204)
    _right_or_gone(desk, table, found, tasks)
    _plans_anew(desk, table)


@case(
    "fetchScanTasks",
    requirement=EC,
    uses=("planTableScan",),
    slow_s=EXPIRY_S_MAX + LATE_S,
    says="an expired plan task is a 404 NoSuchPlanTaskException, an expired plan a 404 "
    "NoSuchPlanIdException; a new plan works",
)
def a_plan_that_expires_between_its_tasks_ends_clearly(desk: Desk) -> None:
    expiry_s = desk.live.spec.plans.expiry_s
    if not 0 < expiry_s <= EXPIRY_S_MAX:
        raise Needs(f"the target's [plans] expiry_s, of at most {EXPIRY_S_MAX:.0f} s")
    table = large(desk)
    began = time.monotonic()
    with given():
        _, found, tasks = _in_parts(desk)
    if tasks and time.monotonic() - began < expiry_s / 2:
        collect(desk, found, desk.expect(_task(desk, table, tasks.pop()), 200))
    ended = time.monotonic() + expiry_s + LEEWAY_S
    until = ended + LATE_S
    time.sleep(max(0.0, ended - time.monotonic()))
    if tasks:
        reply = _task(desk, table, tasks[0])
        while reply.status == 200 and time.monotonic() < until:
            time.sleep(0.25)
            reply = _task(desk, table, tasks[0])
        for task in tasks:
            for node in range(len(desk.live.nodes)):
                desk.expect(_task(desk, table, task, node=node), 404, error=TASK)
    if desk.offers("fetchPlanningResult"):
        for node in range(len(desk.live.nodes)):
            desk.expect(_fetch(desk, table, found.plan_id, node=node), 404, error=PLAN)
    _plans_anew(desk, table)


def _right_or_gone(desk: Desk, table: ScanTable, found: Planned, tasks: list[str]) -> None:
    for task in tasks:
        reply = _task(desk, table, task)
        if reply.status == 200:
            collect(desk, found, reply)
        else:
            desk.expect(reply, 404, error=TASK)
    known = set(table.paths.values())
    desk.same("files of no such table", [], sorted(set(found.paths) - known))
    desk.same("how often a file is named", len(set(found.paths)), len(found.paths))


def _plans_anew(desk: Desk, table: ScanTable) -> None:
    again = planned(desk, table)
    desk.same("files of a new plan", sorted(table.paths.values()), sorted(again.paths))


@case(
    "planTableScan",
    requirement="FR-018",
    uses=("loadTable",),
    says="credentials of a plan are for reading the files that it names",
    place="planTableScan.description",
)
def credentials_of_a_plan_cover_its_files(desk: Desk) -> None:
    table = small(desk)
    body: dict[str, str] = {}
    reply = desk.do("planTableScan", table.space, table.name, body=body, headers=VENDED)
    with given():
        _, result = completed(desk, table, reply)
    found = result.get("storage-credentials")
    if not found:
        desk.skip("its plans come without credentials")
    prefixes = tuple(str(one.get("prefix")) for one in found)
    outside = [path for path in table.paths.values() if not path.startswith(prefixes)]
    desk.same("files that no prefix covers", [], outside, result)
