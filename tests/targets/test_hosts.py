"""A host that is not surely this machine is refused before a byte is sent to it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from iceworthy.cli import main
from iceworthy.words.errors import EXIT_USAGE

AWAY = (
    "http://catalog.example.org",
    "http://127.0.0.1.example.org:8181",
    "http://localhost.example.org",
    "http://0.0.0.0:8181",
    "http://2130706433:8181",
    "http://0x7f000001:8181",
    "http://127.1:8181",
    "http://127.0.0.1@catalog.example.org:8181",
    "http://catalog.example.org\\\\@127.0.0.1:8181",
    "http://[::]:8181",
    "http://[2001:db8::1]:8181",
    "http://10.0.0.7:8181",
    "http://127.0.0.1:99999",
)
NEAR = (
    "http://127.0.0.1:1",
    "http://localhost:1",
    "http://LOCALHOST:1",
    "http://127.8.8.8:1",
    "http://[::1]:1",
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address that a name was looked up for, or that was connected to; none is let out."""
    found: list[object] = []

    def note(*arguments: object, **_: object) -> None:
        found.append(arguments[-1] if isinstance(arguments[0], socket.socket) else arguments[0])
        raise OSError("not in this test")

    monkeypatch.setattr(socket.socket, "connect", note)
    monkeypatch.setattr(socket, "create_connection", note)
    monkeypatch.setattr(socket, "getaddrinfo", note)
    return found


def target(folder: Path, url: str, more: str = "") -> str:
    file = folder / "t.toml"
    file.write_text(f'summary = "t"\n[node]\nready_s = 0.2\nurls = ["{url}"]\n{more}', "utf-8")
    return str(file)


@pytest.mark.parametrize("allowed", [(), ("--allow-host", "catalog.example.net")])
@pytest.mark.parametrize("url", AWAY)
def test_a_host_elsewhere_is_refused(
    url: str, allowed: tuple[str, ...], asked: list[object], tmp_path: Path
) -> None:
    results = tmp_path / "results"
    file = target(tmp_path, url)
    for verb in (("review", "--quick"), ("run", "mix")):
        code = main([*verb, "--target", file, "--results", str(results), *allowed])
        assert code == EXIT_USAGE
    assert main(["up", "--target", file, *allowed]) == EXIT_USAGE
    assert asked == []
    assert not results.exists()


@pytest.mark.parametrize(
    "more",
    [
        '[endpoints]\nready = "http://away.example/ready"',
        '[endpoints]\nmetrics = "http://{host}.away.example/metrics"',
        '[auth]\nkind = "token"\ntoken_variable = "X"\ntoken_path = "http://away.example/t"',
        '[auth]\nkind = "token"\ntoken_variable = "X"\ntoken_path = "@away.example/t"',
    ],
)
def test_so_are_endpoints_elsewhere(more: str, asked: list[object], tmp_path: Path) -> None:
    file = target(tmp_path, "http://127.0.0.1:1", more)
    assert main(["review", "--target", file, "--results", str(tmp_path / "r")]) == EXIT_USAGE
    assert asked == []


@pytest.mark.parametrize("url", NEAR)
def test_loopback_is_asked(url: str, asked: list[object], tmp_path: Path) -> None:
    file = target(tmp_path, url)
    main(["review", "--quick", "--target", file, "--results", str(tmp_path / "results")])
    assert asked


def test_a_host_that_is_allowed_by_name_is_asked(asked: list[object], tmp_path: Path) -> None:
    file = target(tmp_path, "http://catalog.example.org:8181")
    main(
        [
            "review",
            "--quick",
            "--target",
            file,
            "--results",
            str(tmp_path / "results"),
            "--allow-host",
            "catalog.example.org",
        ]
    )
    assert any("catalog.example.org" in str(one) for one in asked)
