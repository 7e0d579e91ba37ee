"""The load, for Locust: `locust -f locustfile.py --host http://127.0.0.1:8181`, web UI included.

Alone it takes its scenario from ICEWORTHY_SCENARIO (mix), the target's prefix and authentication
from ICEWORTHY_TARGET, and writes results/locust-<time>/; under the suite ICEWORTHY_RUN names it.
"""

import sys
from pathlib import Path

from locust import events

root = str(Path(__file__).resolve().parent)
if root not in sys.path:
    sys.path.insert(0, root)

from scenarios.engine.locust_users import SessionUser, attach  # noqa: E402

__all__ = ["SessionUser"]

events.init.add_listener(attach)
