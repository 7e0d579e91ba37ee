"""All operations together, mostly reads: the background load of the experiments with faults.

A thousand sessions with one operation in 1.8 s each are about 560 requests a second. A two-core
machine that also runs the catalog and its database has CPU time left at that rate, so that latency
can be judged.
"""

from iceworthy.words.scenario import Role, Scenario, World
from scenarios.commit_contention import CHECKERS
from scenarios.read_mix import READS

SCENARIO = Scenario(
    roles=(
        Role(name="reader", weight=912, period_s=1.8, actions={**READS, "load_hot_table": 0.02}),
        Role(name="appender", weight=24, period_s=1.8, actions={"commit_append": 1.0}),
        Role(name="racer", weight=12, period_s=2.0, actions={"commit_race": 1.0}),
        Role(
            name="first", weight=8, period_s=2.0, actions={"first_commit": 0.7, "rename_race": 0.3}
        ),
        Role(name="pairs", weight=8, period_s=2.0, actions={"commit_both": 1.0}),
        Role(name="properties", weight=12, period_s=2.0, actions={"set_properties": 1.0}),
        Role(name="namespaces", weight=10, period_s=0.8, actions={"namespace_churn": 1.0}),
        Role(name="tables", weight=8, period_s=0.8, actions={"table_churn": 1.0}),
        Role(name="views", weight=6, period_s=0.8, actions={"view_churn": 1.0}),
    ),
    world=World(hot_tables=6),
    checkers=(*CHECKERS, "listings", "graceful_shutdown"),
)
