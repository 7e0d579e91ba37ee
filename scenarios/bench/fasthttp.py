"""Stock Locust for comparison: FastHttpUser on the same schedule as the suite's sessions.

A locustfile. BENCH_PERIOD_S: 0 is a closed loop; else each user starts at its phase and keeps a
constant pace. BENCH_DURATION_S: the load ends after it. BENCH_MARKS: the file for its CPU seconds
at the start and the end of the load, as JSON.
"""

from __future__ import annotations

import json
import os
import time
from itertools import count
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, constant, constant_pacing, events, task

PERIOD_S = float(os.environ.get("BENCH_PERIOD_S", "1"))
DURATION_S = float(os.environ.get("BENCH_DURATION_S", "20"))
TABLES = 100

_numbers = count()
_marks: dict[str, float] = {}


class StockUser(FastHttpUser):
    """One user with one connection, GET of one of the tables."""

    wait_time = constant_pacing(PERIOD_S) if PERIOD_S else constant(0)

    def on_start(self) -> None:
        """Wait for the user's own phase, as our sessions do."""
        number = next(_numbers)
        users = self.environment.parsed_options.num_users
        gevent.sleep(number / users * PERIOD_S)

    @task
    def load_table(self) -> None:
        """One request."""
        name = f"t{next(_numbers) % TABLES:03d}"
        self.client.get(f"/v1/namespaces/bench/tables/{name}", name="loadTable")


def _on_spawned(environment: Any, **_: Any) -> None:
    _marks["start_cpu_s"] = time.process_time()
    _marks["start_requests"] = environment.stats.total.num_requests
    gevent.spawn_later(DURATION_S, _end, environment)


def _end(environment: Any) -> None:
    _marks["end_cpu_s"] = time.process_time()
    _marks["end_requests"] = environment.stats.total.num_requests
    Path(os.environ["BENCH_MARKS"]).write_text(json.dumps(_marks), encoding="utf-8")
    environment.process_exit_code = 0
    environment.runner.quit()


def _attach(environment: Any, **_: Any) -> None:
    environment.events.spawning_complete.add_listener(
        lambda **_: _on_spawned(environment) if not _marks else None
    )


_hooks: Any = events  # Locust's are untyped
_hooks.init.add_listener(_attach)
