"""The logins that PostgreSQL refused for good, as its log of a run names them.

Claim: PostgreSQL's own words say which database, role or password of a target file it does not
know. Example: 'database "lakehouse" does not exist'.
Method: the last FATAL line of a login in logs/postgres.log whose cause no waiting mends. What this
does NOT show: that a node needs that login; one may try a database before it makes it.
"""

from __future__ import annotations

import re
from pathlib import Path

from iceworthy.record.regular_file import read_text

LOG_BYTES_MAX = 64 << 20
SHOWN_MOST = 120
_REFUSED = re.compile(
    r"\] (?:\S+@\S+ )?FATAL:  ((?:database|role) \"[^\n]*\" does not exist"
    r"|password authentication failed for user [^\n]*|no pg_hba\.conf entry [^\n]*)"
)


def login_refusal(logs: Path) -> str:
    """PostgreSQL's words for the last login that it refused; "" for none. logs: of the run."""
    try:
        found = _REFUSED.findall(read_text(logs / "postgres.log", most=LOG_BYTES_MAX))
    except (OSError, ValueError):
        return ""
    return found[-1][:SHOWN_MOST] if found else ""
