"""A strict proxy before a reference node, which makes it a different kind of target. A program.

Beside the catalog's rules, the proxy demands of every call of a client: a bearer token that has not
expired (client credentials, LIFE_S long), the prefix exactly as it was advertised, still encoded,
namespaces under ROOT alone, and every table at a location below --location. Each refusal is a line
of its output beginning with REFUSED. /health, /ready and /metrics are not here but on the admin
port, where the node itself listens.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hmac
import json
import os
import secrets
import signal
import sys
import time
from urllib.parse import parse_qs

LIFE_S = 3.0
PREFIX = "north%2Feu"
ROOT = "team"
CLIENT = ("suite", "s3cr3t & more")
WAREHOUSE = "w h"
KEY = b"of all nodes"


class Refused(Exception):
    """Status and message of an answer that the gate gives itself."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Gate:
    """One gate; `serve` is called for each connection of a client."""

    def __init__(self, inner: int, location: str) -> None:
        self._inner, self._location = inner, location
        self.opened = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours: list[asyncio.StreamWriter] = [writer]
        await self.opened.wait()
        with contextlib.suppress(OSError, EOFError, asyncio.IncompleteReadError):
            upstream, behind = await asyncio.open_connection("127.0.0.1", self._inner)
            ours.append(behind)
            while True:
                head, body = await message(reader)
                try:
                    answer = self._own(head, body)
                except Refused as refusal:
                    sys.stdout.write(f"REFUSED {refusal.status} {refusal}: {head.split(CRLF)[0]}\n")
                    sys.stdout.flush()
                    error = {"message": str(refusal), "type": "Gate", "code": refusal.status}
                    answer = whole(refusal.status, {"error": error})
                if answer is None:
                    behind.write(head.replace(f"/v1/{PREFIX}/", "/v1/", 1).encode("latin-1") + body)
                    no_body = head.startswith("HEAD ")
                    shown, content = await message(upstream, no_body=no_body)
                    answer = shown.encode("latin-1") + content
                writer.write(answer)
                await writer.drain()
        for one in ours:
            one.close()

    def _own(self, head: str, body: bytes) -> bytes | None:
        """The gate's own answer; None to let the call through."""
        method, target, _ = head.split(CRLF)[0].split(" ")
        path, _, query = target.partition("?")
        if (method, path) == ("POST", "/v1/oauth/tokens"):
            return self._grant({key: one[0] for key, one in parse_qs(body.decode()).items()})
        self._check_token(head)
        if path == "/v1/config":
            if parse_qs(query).get("warehouse") != [WAREHOUSE]:
                raise Refused(400, "the warehouse is not named")
            told = {"prefix": PREFIX, "namespace-separator": "%1F"}
            return whole(200, {"defaults": {"prefix": "wrong"}, "overrides": told})
        if not path.startswith(f"/v1/{PREFIX}/"):
            raise Refused(404, "not below the prefix")
        if method == "POST":
            self._check_body(path, body)
        return None

    def _grant(self, form: dict[str, str]) -> bytes:
        given = (form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials" or given != CLIENT:
            raise Refused(401, "not these credentials")
        token = signed(f"{secrets.token_urlsafe(8)}.{time.time() + LIFE_S}")
        granted = {"access_token": token, "token_type": "bearer", "expires_in": int(LIFE_S)}
        return whole(200, granted)

    def _check_token(self, head: str) -> None:
        fields = dict(line.split(": ", 1) for line in head.split(CRLF)[1:] if ": " in line)
        token = fields.get("Authorization", "").removeprefix("Bearer ")
        claims = token.rpartition(".")[0]
        if not claims or signed(claims) != token:
            raise Refused(401, "no token")
        if float(claims.partition(".")[2]) < time.time():
            raise Refused(401, "expired")

    def _check_body(self, path: str, body: bytes) -> None:
        try:
            asked = json.loads(body)
        except ValueError:
            return  # the catalog's to refuse
        if not isinstance(asked, dict):
            return
        if path.endswith("/namespaces"):
            name = asked.get("namespace")
            if isinstance(name, list) and name and name[0] != ROOT:
                raise Refused(403, "outside the root namespace")
        if path.endswith("/tables") and "schema" in asked:
            location = str(asked.get("location", ""))
            if not location.startswith(f"{self._location}/"):
                raise Refused(400, f"no table can be at {location!r}")


CRLF = "\r\n"


async def message(reader: asyncio.StreamReader, *, no_body: bool = False) -> tuple[str, bytes]:
    """One request or answer: its head with the empty line, and its body by Content-Length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lengths = [
        int(line.partition(":")[2])
        for line in head.split(CRLF)
        if line.lower().startswith("content-length:")
    ]
    return head, await reader.readexactly(0 if no_body else sum(lengths))


def signed(claims: str) -> str:
    """A token that every node knows for one of theirs, as those of a real catalog do."""
    return f"{claims}.{hmac.new(KEY, claims.encode(), 'sha256').hexdigest()}"


def whole(status: int, shown: object) -> bytes:
    body = json.dumps(shown).encode()
    kind = "Content-Type: application/json"
    return f"HTTP/1.1 {status} X\r\n{kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def prepare(inner: int) -> None:
    """Wait for the node, and create the root namespace, as an owner of the catalog would have."""
    body = json.dumps({"namespace": [ROOT]}).encode()
    ask = f"POST /v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    for _ in range(600):
        with contextlib.suppress(OSError, EOFError):
            reader, writer = await asyncio.open_connection("127.0.0.1", inner)
            writer.write(ask + body)
            head, _ = await message(reader)
            writer.close()
            if head.split(" ")[1] in ("200", "409"):
                return
        await asyncio.sleep(0.05)
    raise SystemExit("the node behind the gate does not answer")


async def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("--port", "--inner"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--location", required=True)
    options, rest = parser.parse_known_args()
    command = [
        sys.executable,
        "-m",
        "fixtures.reference",
        "--port",
        str(options.inner),
        "--location-root",
        options.location,
        *rest,
    ]
    gate = Gate(options.inner, options.location)
    # Before the node is there: its own port says that it is ready, and then this one must answer.
    server = await asyncio.start_server(gate.serve, "127.0.0.1", options.port, backlog=512)
    node = await asyncio.create_subprocess_exec(*command, env=os.environ)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, node.terminate)
    await prepare(options.inner)
    gate.opened.set()
    code = await node.wait()
    server.close()
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
