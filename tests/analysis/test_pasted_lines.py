"""Lines of a report that are pasted go to a catalog that is up, by a program that is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from analysis import pasted_lines
from analysis.pasted_lines import (
    moments,
    needs_text,
    portable,
    runnable,
    smaller_command,
    steps,
    to_the_catalog,
    variables_in,
)
from iceworthy.client.curl import curl_line
from iceworthy.record.verdicts import RequirementVerdict, ReviewVerdicts
from iceworthy.words.finding import Cause, Finding, Request
from iceworthy.words.verdict import Judgement

SAYS = 'curl() { for word in "$@"; do printf "<%s>" "$word"; done; }; '


def request(curl: str) -> Request:
    return Request(method="GET", path="/v1/x", body="", curl=curl, answer="status 200")


@pytest.mark.parametrize(
    "path", ["/v1/x", "/v1/x?y=a b&z=%1F", "/v1/it's", "/v1/a\x1fb", "/v1/[a]/{b}"]
)
@pytest.mark.parametrize("host", ["http://127.0.0.1:4711", "https://[::1]:8181", "http://cat"])
def test_a_curl_line_goes_to_the_address_in_the_variable(host: str, path: str) -> None:
    line = curl_line("POST", host + path, body=b'{"at": "http://other:1/$HOME"}')
    for shell in ("bash", "sh"):
        text = f"CATALOG=http://new:1; {SAYS}{portable(line)}"
        new = subprocess.run([shell, "-c", text], capture_output=True, text=True, check=True)
        old = subprocess.run([shell, "-c", SAYS + line], capture_output=True, text=True, check=True)
        assert new.stdout == old.stdout.replace(f"<{host}", "<http://new:1")
        assert "<http://new:1" in new.stdout


def test_a_second_node_has_a_variable_of_its_own() -> None:
    lines = [curl_line("GET", f"http://127.0.0.1:{port}/v1/x") for port in (1, 2, 1)]
    found = [one.curl.split()[3] for one in to_the_catalog(map(request, lines))]
    assert found == ['"$CATALOG"/v1/x', '"$CATALOG_2"/v1/x', '"$CATALOG"/v1/x']
    assert portable("no line of curl http://a:1/") == "no line of curl http://a:1/"


def test_the_variables_that_lines_need_are_named_and_no_literal() -> None:
    line = curl_line(
        "POST",
        "http://127.0.0.1:1/v1/x",
        login={"Authorization": "Bearer $TOKEN"},
        headers={"X": "it's '$NOT' one"},
        body=b'{"a": "$NEITHER"}',
    )
    requests = to_the_catalog([request(line)])
    assert variables_in(requests) == ("CATALOG", "TOKEN")
    said = needs_text(requests, ["BINARY"])
    assert said.startswith("CATALOG: a node's address")
    assert said.endswith("for curl: TOKEN; for iceworthy: BINARY")
    assert needs_text((), ()) == ""


def test_a_command_begins_with_a_program_that_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    line = "iceworthy reproduce x --target 'a b'"
    monkeypatch.setattr(pasted_lines.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert runnable(line) == f"{tmp_path}/python -m iceworthy reproduce x --target 'a b'"
    program = tmp_path / "iceworthy"
    program.write_text("")
    program.chmod(0o755)
    assert runnable(line) == f"{program} reproduce x --target 'a b'"
    assert runnable("make review") == "make review"
    monkeypatch.setattr(pasted_lines.shutil, "which", lambda name: name)
    assert runnable(line) == line


def test_requests_of_one_moment_are_sent_by_one_curl(tmp_path: Path) -> None:
    """The real curl sends each with its own options, before the first answer."""
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    ends = threading.Barrier(3, timeout=60)
    got: list[tuple[str, str, str, str]] = []

    class Waits(BaseHTTPRequestHandler):
        def _take(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length).decode()
            got.append((self.command, self.path, self.headers.get("X-One", ""), body))
            ends.wait()  # BrokenBarrierError unless all three are under way
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        do_GET = do_POST = do_DELETE = _take

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Waits) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        start = 'curl -sS -i "$CATALOG"'
        lines = (
            f"{start}/a -H 'X-One: it''s' --data-binary '{{\"a\":\" --next \"}}' &",
            f"{start}/b -X DELETE &",
            f"{start}/c & wait",
        )
        ((line, sent),) = moments([request(one) for one in lines])
        env = {"PATH": os.environ["PATH"], "CATALOG": f"http://127.0.0.1:{server.server_port}"}
        done = subprocess.run(["sh", "-c", line], env=env, capture_output=True, timeout=120)
        server.shutdown()
        thread.join()
    assert len(sent) == 3
    assert done.returncode == 0
    assert done.stderr == b""
    assert done.stdout.count(b"HTTP/1.0 200 OK") == 3
    assert sorted(got) == [
        ("DELETE", "/b", "", ""),
        ("GET", "/c", "", ""),
        ("POST", "/a", "its", '{"a":" --next "}'),
    ]


def test_a_moment_ends_with_the_request_that_decides() -> None:
    alone, first, last = request("curl a"), request("curl b &"), request("curl c")
    assert [sent for _, sent in moments([alone, first, last])] == [(alone,), (first, last)]
    assert moments([alone, first]) == [("curl a", (alone,)), ("curl b", (first,))]
    one = Finding(cause=Cause(rule="r"), title="t", requests=(alone, first, last))
    assert steps(one, 200) == ["curl a", moments([first, last])[0][0]]


def test_the_steps_are_whole_lines_and_say_what_is_left_out() -> None:
    long = request("curl " + "x" * 50)
    one = Finding(
        cause=Cause(rule="r"),
        title="t",
        requests=(*[request("curl a")] * 4, request("curl b"), long, request("")),
        left_out=1_200,
    )
    assert steps(one, 40) == [
        *["curl a"] * 4,
        "# and 1,200 requests more, which iceworthy reproduce prints",
        "curl b",
        "# GET: the line is in report.md",
        "GET /v1/x  → status 200",
    ]
    assert steps(one, 100, 10)[:2] == ["curl a", "# GET: the line is in report.md"]


def test_the_worst_failure_of_a_load_has_the_command_that_makes_it_smaller() -> None:
    def finding(*operations: str, names: tuple[str, ...] = ("FR-001", "FR-004")) -> Finding:
        cause = Cause(rule="phantom", operation="updateTable")
        return Finding(cause=cause, title="t", operations=operations, requirements=names)

    fails = ReviewVerdicts(
        verdict=Judgement.FAIL,
        requirements=(
            RequirementVerdict(id="FR-001", verdict=Judgement.UNKNOWN),
            RequirementVerdict(id="FR-004", verdict=Judgement.FAIL),
        ),
    )
    root = Path("/r/a b")
    found = smaller_command([finding(), finding("load-0:1"), finding("load-0:2")], fails, root)
    assert found.endswith("reproduce '/r/a b' FR-004")
    assert smaller_command([finding()], fails, root) == ""
    assert smaller_command([finding("load-0:1", names=("FR-001",))], fails, root) == ""
