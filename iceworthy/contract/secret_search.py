"""Searches for secrets where there must be none: in texts, and in a whole PostgreSQL database.

Claim: a secret of MIN_CHARACTERS or more is found in plain form, in hex, in base64 (also within a
longer encoded text) and as part of a URL, in every column of every user table. Method: each row is
searched as text, in which PostgreSQL writes bytes as hex. What it does NOT show: a secret that is
encrypted, compressed or split, and large objects.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

MIN_CHARACTERS = 8
_EDGE = 4  # base64 characters at each end that depend on the neighbours of the secret
_TABLES = """
select format('%I.%I', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname not like 'pg_%'
order by 1
"""
Query = Callable[..., list[tuple[Any, ...]]]


def forms(secret: str) -> tuple[str, ...]:
    """The forms in which a secret may be written; none if it is too short to be distinctive."""
    if len(secret) < MIN_CHARACTERS:
        return ()
    raw = secret.encode()
    found = [secret, quote(secret, safe=""), raw.hex(), raw.hex().upper()]
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * shift + raw).decode().rstrip("=")
            found.append(text[_EDGE if shift else 0 : -_EDGE])
    return tuple(dict.fromkeys(form for form in found if len(form) >= MIN_CHARACTERS))


def in_text(text: bytes, secrets: Mapping[str, str]) -> list[str]:
    """The names of the secrets that a text contains in any form."""
    return [
        name
        for name, secret in secrets.items()
        if any(form.encode() in text for form in forms(secret))
    ]


def in_database(query: Query, secrets: Mapping[str, str]) -> list[str]:
    """`name in table` for each secret that a table contains in any form."""
    texts_of = {name: list(forms(secret)) for name, secret in secrets.items() if forms(secret)}
    found = []
    for table in tables(query):
        every = [form for texts in texts_of.values() for form in texts]
        if not _stands(query, table, every):
            continue
        found += [
            f"{name} in {table}" for name, texts in texts_of.items() if _stands(query, table, texts)
        ]
    return found


def tables(query: Query) -> list[str]:
    """The tables that are searched."""
    return [row[0] for row in query(_TABLES)]


def _stands(query: Query, table: str, texts: Iterable[str]) -> bool:
    # the database has quoted the name
    rows = query(
        f"select exists (select 1 from {table} t, unnest(%s::text[]) f"
        " where strpos(t::text, f) > 0)",
        list(texts),
    )
    return bool(rows[0][0])
