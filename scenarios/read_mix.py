"""Reads alone: tables, namespaces and listings, on a data set that no session changes.

The latency of GET table and GET namespace is judged on it.
What it does NOT show: reads among writes; the scenario mix shows those.
"""

from iceworthy.words.scenario import Role, Scenario

READS = {
    "load_table": 0.62,
    "load_namespace": 0.20,
    "table_exists": 0.08,
    "list_tables": 0.06,
    "list_namespaces": 0.04,
}

SCENARIO = Scenario(
    roles=(Role(name="reader", weight=1.0, period_s=1.8, actions=READS),),
    checkers=("prefix_reads", "names", "listings", "still_readable"),
)
