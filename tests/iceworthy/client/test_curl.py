"""A curl line sends what was sent, whatever stands in it, and holds a variable for each secret."""

from __future__ import annotations

import json
import shlex
import shutil
import socket
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iceworthy.client.auth import HeaderSource
from iceworthy.client.curl import curl_line
from iceworthy.client.wire import Wire

SECRET = "s3c$ret`'\"!"
# What a header may hold, with everything that a shell would take for more than itself.
TEXT = st.text(
    st.sampled_from("ab $`'\"\\!{}[]()<>|&;*?~#%=\té雪")
    | st.characters(codec="ascii", categories=("L", "N", "P", "S")),
    max_size=24,
)
BODIES = (
    st.none() | st.binary(max_size=40) | TEXT.map(str.encode) | TEXT.map(lambda t: f"@{t}".encode())
)
# Shows the words of the command in place of running it, each ended by a zero byte.
SHOW = """curl() { for word in "$@"; do case "$word" in
@/dev/fd/*) printf @; cat "${word#@}"; printf '\\0';; *) printf '%s\\0' "$word";; esac; done; }"""


def words(line: str) -> list[bytes]:
    """The words that the shell gives to curl."""
    done = subprocess.run(
        ["bash", "-c", f"{SHOW}\n{line}"],
        env={"TOKEN": SECRET, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert done.stderr == b""
    return done.stdout.split(b"\0")[:-1]


@settings(max_examples=120, derandomize=True)
@given(path=TEXT, before=TEXT, after=TEXT, own=TEXT, body=BODIES)
def test_a_shell_takes_each_part_of_a_line_as_it_was_sent(
    path: str, before: str, after: str, own: str, body: bytes | None
) -> None:
    before, after = before.replace("$", "€"), after.replace("$", "€").lstrip("abcABC0123456789_")
    after = f"-{after}"
    line = curl_line(
        "PUT",
        f"http://h/{path}",
        login={"Authorization": f"{before}$TOKEN{after}"},
        headers={"X-Own": own},
        body=body,
    )
    assert SECRET not in line
    found = words(line)
    assert f"http://h/{path}".encode() in found
    assert f"Authorization: {before}{SECRET}{after}".encode() in found
    assert (f"X-Own: {own}" if own else "X-Own;").encode() in found
    if body is None:
        assert not any(one.startswith(b"--data") for one in found)
    elif b"--data-raw" in found:
        assert found[-1] == body
    else:
        data = b"\0".join(found[found.index(b"--data-binary") + 1 :])
        assert data == body or data == b"@" + body


def test_a_variable_in_plain_text_stays_plain_and_one_in_a_form_is_put_in() -> None:
    line = curl_line(
        "POST",
        "http://h/p",
        login={"Authorization": "Bearer $TOKEN"},
        headers={"X-Own": "$TOKEN"},
        body=b"client_secret=$TOKEN&x=`id`",
        has_variables=True,
    )
    found = words(line)
    assert f"Authorization: Bearer {SECRET}".encode() in found
    assert b"X-Own: $TOKEN" in found
    assert f"client_secret={SECRET}&x=`id`".encode() in found
    plain = curl_line("POST", "http://h/p", body=b"$TOKEN")
    assert words(plain)[-1] == b"$TOKEN"


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_a_curl_line_repeats_the_request(raw_server: Any) -> None:
    got: list[bytes] = []

    def serve(connection: socket.socket, _: int) -> None:
        got.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    call = Wire().create_namespace(("it's $HOME `x`",), {"a": '"\u00e9'})
    line = curl_line(
        call.method,
        raw_server(serve).url + call.path,
        login={"Authorization": "Bearer $IW_T_TOKEN"},
        headers={"Content-Type": "application/json"},
        body=call.body,
    )
    assert shlex.split(line)[0] == "curl"
    done = subprocess.run(
        ["sh", "-c", line],
        env={"IW_T_TOKEN": "abc", "PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
        timeout=60,
    )
    if done.returncode == 127:
        pytest.skip("no curl on this machine")
    head, _, body = got[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/namespaces HTTP/1.1")
    assert b"Authorization: Bearer abc" in head
    assert json.loads(body) == json.loads(call.body or b"")


def test_curl_lines_of_other_methods_name_them() -> None:
    def line(method: str) -> str:
        return curl_line(method, "http://h/p")

    assert line("GET") == "curl -sS -i http://h/p"
    assert line("HEAD") == "curl -sS -i -I http://h/p"
    assert line("DELETE") == "curl -sS -i -X DELETE http://h/p"
    assert HeaderSource().shown == {}
