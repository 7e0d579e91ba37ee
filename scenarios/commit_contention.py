"""Many committers on few tables through both nodes: stale bases, races, first commits.

The sessions try about a hundred commits a second; a third to a half of them win. A table gets
around a hundred snapshots in fifteen seconds, so its metadata stays small and each read shows the
whole chain.
What it does NOT show: latency without conflicts; this scenario causes conflicts on purpose.
"""

from iceworthy.words.scenario import Role, Scenario, World

CHECKERS = (
    "chain_integrity",
    "lost_acknowledgement",
    "phantom",
    "info_resolution",
    "cas_exclusivity",
    "prefix_reads",
    "linearizability",
    "real_time",
    "properties",
    "names",
    "metadata_locations",
    "progress",
    "transactions",
    "events",
    "still_readable",
)

SCENARIO = Scenario(
    roles=(
        Role(name="appender", weight=24, period_s=0.35, actions={"commit_append": 1.0}),
        Role(name="racer", weight=12, period_s=0.75, actions={"commit_race": 1.0}),
        Role(
            name="first", weight=8, period_s=1.0, actions={"first_commit": 0.7, "rename_race": 0.3}
        ),
        Role(name="onlooker", weight=8, period_s=0.4, actions={"load_hot_table": 1.0}),
        Role(name="pairs", weight=10, period_s=0.7, actions={"commit_both": 1.0}),
        Role(name="properties", weight=6, period_s=0.6, actions={"set_properties": 1.0}),
        Role(name="tables", weight=4, period_s=0.6, actions={"table_churn": 1.0}),
        Role(name="namespaces", weight=3, period_s=0.6, actions={"namespace_churn": 1.0}),
        Role(name="views", weight=3, period_s=0.6, actions={"view_churn": 1.0}),
    ),
    world=World(namespaces=4, tables_per_namespace=2, hot_tables=6),
    sessions=78,
    checkers=CHECKERS,
)
