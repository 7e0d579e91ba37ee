"""The load, for Locust: `locust -f locustfile.py --host http://127.0.0.1:8181`, web UI included.

Alone it has the options --scenario, --target, --seed and --allow-host, and writes
results/locust-<time>/, which `iceworthy judge` takes; under the suite ICEWORTHY_RUN names it.
"""

import sys
from pathlib import Path

from locust import events

root = str(Path(__file__).resolve().parent)
if root not in sys.path:
    sys.path.insert(0, root)

from scenarios.engine.locust_users import SessionUser, add_options, attach  # noqa: E402

__all__ = ["SessionUser"]

events.init_command_line_parser.add_listener(add_options)
events.init.add_listener(attach)
