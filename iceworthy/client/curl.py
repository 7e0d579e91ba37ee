"""A call as the curl line that repeats it, secrets as variables.

Claim: pasted into a shell, the line sends the same method, path, headers and body. What it does NOT
do: hold a secret; the variable that holds it stands in its place.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from iceworthy.client.wire import Call


def curl_line(url: str, call: Call, headers: Mapping[str, str]) -> str:
    """headers: as HeaderSource.shown gives them, with $VARIABLE for each secret."""
    words = ["curl", "-sS", "-i"]
    if call.method == "HEAD":
        words.append("-I")
    elif call.method != ("GET" if call.body is None else "POST"):
        words += ["-X", call.method]
    words.append(shlex.quote(f"{url.rstrip('/')}{call.path}"))
    # Double quotes: the shell must put the variable's value in.
    words += [f'-H "{name}: {value}"' for name, value in headers.items()]
    if call.body is not None:
        words.append("-H 'Content-Type: application/json'")
        words.append(f"--data-binary {shlex.quote(call.body.decode('utf-8', 'replace'))}")
    return " ".join(words)
