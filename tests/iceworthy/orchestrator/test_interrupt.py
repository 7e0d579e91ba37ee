"""The first signal ends a run in good order: once, and never inside what must not be torn."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from iceworthy.orchestrator import interrupt
from iceworthy.orchestrator.interrupt import (
    HeldAtExit,
    Interrupts,
    forgotten,
    held,
    installed,
    telling,
    was_asked,
)


@pytest.fixture(autouse=True)
def _handlers_come_back() -> Iterator[None]:
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    assert {n: signal.getsignal(n) for n in before} == before


def send(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)
    time.sleep(0.01)  # handlers run between two instructions of the main thread


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_is_raised_and_the_same_gesture_is_not_raised_again(number: int) -> None:
    with installed():
        assert not was_asked()
        with pytest.raises(KeyboardInterrupt):
            send(number)
        send(signal.SIGTERM)
        assert was_asked()
    assert not was_asked()


def test_what_is_held_is_not_torn_and_the_signal_comes_after_it() -> None:
    done = []

    def work() -> None:
        with held():
            with held():
                send()
                done.append("inner")
            done.append("outer")

    with installed():
        with pytest.raises(KeyboardInterrupt):
            work()
        with held():
            done.append("raised only once")
    assert done == ["inner", "outer", "raised only once"]


def test_what_is_held_quietly_swallows_it_but_it_is_known() -> None:
    with installed(), held(quietly=True):
        send()
    with installed():
        with held(quietly=True):
            send()
        assert was_asked()


def test_an_error_inside_what_is_held_is_not_replaced_by_the_interrupt() -> None:
    def work() -> None:
        with held():
            send()
            raise ValueError("mine")

    with installed():
        with pytest.raises(ValueError, match="mine"):
            work()
        assert was_asked()


def test_the_end_of_a_context_manager_can_be_held() -> None:
    ended = []

    class Thing:
        def __enter__(self) -> str:
            return "thing"

        def __exit__(self, *_: object) -> None:
            send()
            ended.append(True)

    with installed(), pytest.raises(KeyboardInterrupt), HeldAtExit(Thing()) as thing:
        assert thing == "thing"
    assert ended == [True]


def test_a_later_signal_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    left = []
    mine = Interrupts(lambda: left.append(True))
    mine.telling.append(("stopping", "judge it later"))
    with pytest.raises(KeyboardInterrupt):
        mine.arrive(signal.SIGINT, None)
    mine.arrive(signal.SIGINT, None)
    assert not left
    monkeypatch.setattr(interrupt, "AGAIN_S", 0.0)
    mine.arrive(signal.SIGINT, None)
    assert left == [True]
    said = capfd.readouterr().err
    assert "interrupted: stopping" in said
    assert "judge it later" in said


def test_what_was_ignored_at_our_start_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with installed():
            send(signal.SIGHUP)
            assert not was_asked()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_outside_a_command_nothing_is_held_and_nothing_told() -> None:
    with held(), telling("a", "b"):
        assert not was_asked()


def test_a_signal_that_ended_its_wait_is_forgotten_and_the_next_one_counts() -> None:
    with installed():
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                send()
            assert was_asked()
            forgotten()
            assert not was_asked()
