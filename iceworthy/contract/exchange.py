"""One request of a case and what came: the evidence that a failure is shown with.

Claim: a curl line of it sends the same method, path, headers and body, with secrets as variables;
excerpts are bounded.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from iceworthy.client.connection import Exchange

CAME_CHARACTERS = 600
BODY_CHARACTERS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request. shown: its headers with variables in place of secrets."""

    operation: str
    node: int
    url: str
    method: str
    path: str
    body: bytes | None = None
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def curl(self) -> str:
        """The line that repeats it."""
        words = ["curl", "-sS", "-i"]
        if self.method == "HEAD":
            words.append("-I")
        elif self.method != ("GET" if self.body is None else "POST"):
            words += ["-X", self.method]
        words.append(shlex.quote(f"{self.url}{self.path}"))
        # Double quotes around what holds a variable: the shell must put its value in.
        words += [
            f'-H "{name}: {value}"' if "$" in value else f"-H {shlex.quote(f'{name}: {value}')}"
            for name, value in self.shown.items()
        ]
        if self.body is not None:
            text = self.body.decode("utf-8", "replace")
            cut = text if len(text) <= BODY_CHARACTERS else text[:BODY_CHARACTERS] + "…"
            words.append(f"--data-binary {shlex.quote(cut)}")
        return " ".join(words)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A whole answer. headers: by lower-case name. problems: with its schema, in words."""

    asked: Asked
    exchange: Exchange
    problems: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        return self.exchange.status

    @property
    def ok(self) -> bool:
        """A 2xx."""
        return 200 <= self.exchange.status < 300

    @property
    def headers(self) -> Mapping[str, str]:
        return self.exchange.headers

    @property
    def raw(self) -> bytes:
        return self.exchange.body

    @cached_property
    def body(self) -> Any:
        """The parsed body; None when it is not JSON."""
        try:
            return orjson.loads(self.exchange.body)
        except ValueError:
            return None

    @cached_property
    def asked_body(self) -> Any:
        """The parsed body of the request; None when it had none that is JSON."""
        try:
            return orjson.loads(self.asked.body or b"")
        except ValueError:
            return None

    def get(self, *path: str | int) -> Any:
        """A value of the body by its path; None where there is none."""
        value = self.body
        try:
            for step in path:
                value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
        return value

    @property
    def metadata(self) -> dict[str, Any]:
        """The table or view metadata in the body; empty when there is none."""
        found = self.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def error_type(self) -> str:
        return str(self.get("error", "type") or "")

    @property
    def said(self) -> str:
        """The answer in a few words."""
        text = self.raw.decode("utf-8", "replace")
        more = text if len(text) <= CAME_CHARACTERS else text[:CAME_CHARACTERS] + "…"
        return f"status {self.status}{': ' + more if more else ''}"
