"""Namespaces and tables are created and dropped; properties are set on shared namespaces.

What it does NOT show: commits; commit_contention does.
"""

from iceworthy.words.scenario import Role, Scenario, World

SCENARIO = Scenario(
    roles=(
        Role(name="namespaces", weight=5, period_s=0.5, actions={"namespace_churn": 1.0}),
        Role(name="tables", weight=3, period_s=0.5, actions={"table_churn": 1.0}),
        Role(name="properties", weight=1, period_s=0.5, actions={"set_properties": 1.0}),
        Role(
            name="onlooker",
            weight=2,
            period_s=0.5,
            actions={"list_namespaces": 1.0, "list_tables": 1.0, "load_namespace": 1.0},
        ),
    ),
    world=World(namespaces=6, tables_per_namespace=2, hot_tables=2),
    sessions=110,
    checkers=("properties", "names", "listings", "still_readable"),
)
