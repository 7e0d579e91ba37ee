"""The Locust side of the load: a user for each session, and the events of Locust's runners.

Claim: however Locust is run (alone, web UI, --processes, master and workers), each process with
users writes its part of the history. Under the suite all processes begin at one t0, and the run
ends by itself.
Method: attach() listens to Locust's init event. Workers report when they are connected and when
they are done; the process in charge (master, or the local runner) sets t0 and quits. Locust only
logs exceptions of listeners, so each listener is wrapped: a failure ends the run with the suite's
exit code.
What it does NOT show: a common t0 across machines; all processes run on one machine.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from time import monotonic_ns
from typing import Any

import gevent
from locust import User
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from iceworthy.client import gate
from iceworthy.record.plan import plan_from_object
from iceworthy.record.run_folder import RunFolder
from iceworthy.words.errors import EXIT_PASS, EXIT_SUITE_BUG, EXIT_UNKNOWN, IceworthyError
from iceworthy.words.scenario import Role
from scenarios.engine.bare_locust import finish_alone, prepare_alone
from scenarios.engine.connection_limit import raise_file_limit
from scenarios.engine.engine import Engine
from scenarios.engine.load_plan import admitted_hosts, load_plan_of, read_load_plan, suite_folder
from scenarios.engine.locust_options import add_options, bare_of, tags_of
from scenarios.engine.session import Session

__all__ = ["SessionUser", "add_options", "attach"]

log = logging.getLogger("iceworthy.load")

PLAN, GATHERED, BEGIN, DONE, FAILED = (
    f"iceworthy_{word}" for word in ("plan", "gathered", "begin", "done", "failed")
)
LEAD_NS = 300_000_000  # t0 lies this much ahead: every worker gets it in time
PARENT_POLL_S = 0.5
STOP_S = 10
STOPPING = "stopping"  # locust.user.task.LOCUST_STATE_STOPPING


class SessionUser(User):
    """One Locust user is one session; its one task is the session's whole life.

    roles: of a subclass in a user's own locustfile, in place of the scenario's; () for those.
    """

    roles: tuple[Role, ...] = ()

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        engine = environment.iceworthy.engine
        self.session: Session | None = engine.join() if engine is not None else None

    def stop(self, force: bool = False) -> bool:
        """Let an operation under way end when Locust has a stop timeout; else end at once."""
        if self.session is not None and not force:
            self.session.is_leaving = (
                True  # it may wake before the end reaches it, and asks no more
            )
        if force or self.session is None or not self.session.is_asking:
            return bool(super().stop(force=True))
        self._state = STOPPING
        return False


def _live(user: SessionUser) -> None:
    engine = user.environment.iceworthy.engine
    if user.session is None or engine is None:
        gevent.sleep(3600.0)  # its engine could not be made: the run is being ended
    else:
        try:
            engine.serve(user.session)
        except Exception as error:
            raise StopUser from error  # the engine reported it; Locust would start it again
    raise StopUser


SessionUser.tasks = [_live]


def _roles_of(user_class: type) -> tuple[Role, ...]:
    return user_class.roles if issubclass(user_class, SessionUser) else ()


def _let_tags_pass(environment: Any) -> None:
    """Locust filters tasks by tags; ours is one task for all, and its actions are filtered."""
    _live.locust_tag_set = set(tags_of(environment)[0])  # type: ignore[attr-defined]


def attach(environment: Any, **_: Any) -> None:
    """Listener of Locust's init event: joins this process to the load."""
    environment.iceworthy = Link(environment)
    environment.iceworthy.listen()


class Link:
    """The state that one Locust process keeps about the load."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment
        self.runner: Any = environment.runner
        self.engine: Engine | None = None
        self._root = suite_folder()
        self._received: tuple[dict[str, Any], str] | None = None
        self._gathered: set[str] = set()
        self._done: set[str] = set()
        self._gathering = False
        self._prepared: tuple[dict[str, Any], str] | None = None
        self._seconds: float | None = None
        options = environment.parsed_options
        self._allowed = tuple(getattr(options, "allow_host", None) or ())

    def listen(self) -> None:
        """Register for Locust's events and our own messages."""
        events, runner = self.environment.events, self.runner
        events.test_start.add_listener(self._guarded(self._on_test_start))
        events.spawning_complete.add_listener(self._guarded(self._on_spawned))
        events.test_stop.add_listener(self._guarded(self._on_test_stop))
        events.quit.add_listener(self._guarded(self._on_test_stop))  # not quitting: users live then
        in_charge = not isinstance(runner, WorkerRunner)
        if in_charge:
            runner.register_message(GATHERED, self._guarded(self._on_gathered))
            runner.register_message(DONE, self._guarded(self._on_done))
            runner.register_message(FAILED, self._guarded(self._on_failed))
        if not isinstance(runner, MasterRunner):
            runner.register_message(BEGIN, self._guarded(self._on_begin))
            runner.register_message(PLAN, self._guarded(self._on_plan))
        if self._root is not None:
            gevent.spawn(self._watch_parent, os.getppid())
        elif in_charge:
            events.quitting.add_listener(self._on_quitting)
            self._begin_alone()
        if self._root is None:
            _let_tags_pass(self.environment)
            # What is under way at the end may end: it is no failure.
            self.environment.stop_timeout = self.environment.stop_timeout or STOP_S

    # --- in every process ----------------------------------------------------------------------

    def _on_test_start(self, **_: Any) -> None:
        self._gathered.clear()
        self._done.clear()
        self._gathering = False
        gate.admit(admitted_hosts(self._allowed))
        if self._root is None and not isinstance(self.runner, WorkerRunner):
            self._received, self._prepared = self._prepared or self._prepare(), None
            if isinstance(self.runner, MasterRunner):
                facts, root = self._received
                self.runner.send_message(PLAN, {"facts": facts, "root": root})
        if isinstance(self.runner, MasterRunner):
            return
        if self._root is not None:
            plan = read_load_plan(self._root)
        else:
            assert self._received is not None, "the master's plan comes before its spawn message"
            facts, root = self._received
            received = plan_from_object(facts, where="the plan that the Locust master sent")
            plan = load_plan_of(received, RunFolder(root_of(root)))
        missing = raise_file_limit(self.environment.parsed_options.num_users or 0)
        if missing:
            raise IceworthyError(missing)
        self.engine = Engine(
            plan, max(0, self.runner.worker_index), self.environment.stats, self.fail
        )
        if plan.alone:
            self.engine.begin(monotonic_ns() + LEAD_NS)
            if plan.duration_s is not None:
                gevent.spawn(self._guarded(self._end))

    def _begin_alone(self) -> None:
        """Without the web UI: build the data set now, before Locust's time begins to run, and keep
        that time ourselves, so that `-t 12s` is 12 s of load."""
        options = self.environment.parsed_options
        if not getattr(options, "headless", False):
            return
        if options.run_time:
            self._seconds, options.run_time = float(options.run_time), None
            log.info("the load lasts %g s, once its data set is built", self._seconds)
        try:
            self._prepared = self._prepare()
        except IceworthyError as error:
            log.error("%s", error)
            sys.exit(error.exit_code)

    def _prepare(self) -> tuple[dict[str, Any], str]:
        roles = [role for one in self.environment.user_classes for role in _roles_of(one)]
        gate.admit(admitted_hosts(self._allowed))
        bare = bare_of(self.environment, roles)
        return prepare_alone(replace(bare, seconds=self._seconds))

    def _on_quitting(self, **_: Any) -> None:
        """A headless run that sent nothing is no success."""
        headless = getattr(self.environment.parsed_options, "headless", False)
        if not headless or self.environment.process_exit_code is not None:
            return
        if not self.environment.stats.total.num_requests:
            log.error("no request was sent; is --users 0, or the time too short?")
            self.environment.process_exit_code = EXIT_UNKNOWN

    def _on_test_stop(self, **_: Any) -> None:
        if self.engine is not None:
            self.engine.close()
        in_charge = not isinstance(self.runner, WorkerRunner)
        if in_charge and self._root is None and self._received is not None:
            finish_alone(RunFolder(root_of(self._received[1])), monotonic_ns())

    def _on_plan(self, msg: Any, **_: Any) -> None:
        self._received = (msg.data["facts"], msg.data["root"])

    def _on_spawned(self, **_: Any) -> None:
        if self._root is not None and self.engine is not None and not self._gathering:
            self._gathering = True
            gevent.spawn(self._guarded(self._gather))

    def _gather(self) -> None:
        engine = self.engine
        assert engine is not None
        while not engine.has_gathered():
            gevent.sleep(0.01)
        self.runner.send_message(GATHERED, {"worker": engine.name})

    def _on_begin(self, msg: Any, **_: Any) -> None:
        assert self.engine is not None
        self.engine.begin(int(msg.data["t0_ns"]))
        gevent.spawn(self._guarded(self._end))

    def _end(self) -> None:
        engine = self.engine
        assert engine is not None
        engine.wait_over()
        engine.close()
        if self._root is not None and self.environment.process_exit_code is None:
            # Judges decide about answers; Locust would exit 1 for any failed request.
            self.environment.process_exit_code = EXIT_PASS
        self.runner.send_message(DONE, {"worker": engine.name})

    # --- in the one in charge ------------------------------------------------------------------

    def _workers(self) -> int:
        return len(self.runner.clients) if isinstance(self.runner, MasterRunner) else 1

    def _on_gathered(self, msg: Any, **_: Any) -> None:
        self._gathered.add(msg.data["worker"])
        if len(self._gathered) == self._workers():
            self.runner.send_message(BEGIN, {"t0_ns": monotonic_ns() + LEAD_NS})

    def _on_done(self, msg: Any, **_: Any) -> None:
        self._done.add(msg.data["worker"])
        if len(self._done) == self._workers():
            if self._root is None:
                gevent.spawn(self.runner.quit)  # its exit code is Locust's
            else:
                self._quit(EXIT_PASS)

    def _on_failed(self, msg: Any, **_: Any) -> None:
        if isinstance(self.runner, MasterRunner):
            log.error("a worker failed: %s", msg.data["what"])
        self._quit(int(msg.data["code"]))

    def _quit(self, code: int) -> None:
        if not self.environment.process_exit_code:
            self.environment.process_exit_code = code
        gevent.spawn(self.runner.quit)

    # --- failures --------------------------------------------------------------------------------

    def fail(self, what: str, code: int = EXIT_SUITE_BUG) -> None:
        """End the whole run, with this exit code, wherever in it something broke."""
        if self.environment.process_exit_code:
            return
        self.environment.process_exit_code = code
        log.error("the load ends: %s", what)
        self.runner.send_message(FAILED, {"what": what, "code": code})

    def _guarded(self, listener: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(listener)
        def call(*args: Any, **kwargs: Any) -> None:
            try:
                listener(*args, **kwargs)
            except IceworthyError as error:
                self.fail(str(error), error.exit_code)
            except Exception as error:
                log.error("%s", traceback.format_exc())
                self.fail(repr(error))

        return call

    def _watch_parent(self, parent: int) -> None:
        """Notice the end of the suite where the kernel does not signal it."""
        while os.getppid() == parent:
            gevent.sleep(PARENT_POLL_S)
        log.error("the process that started this load is gone")
        if self.engine is not None:
            self.engine.close()
        sys.stderr.flush()
        os._exit(EXIT_SUITE_BUG)


def root_of(root: str) -> Any:
    """The run folder that the master named; created here too, since a worker may run on another
    machine.
    """
    from pathlib import Path

    path = Path(root)
    (path / "logs").mkdir(parents=True, exist_ok=True)
    return path
