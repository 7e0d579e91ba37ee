"""Bytes beyond the bound, and bytes that take too long, are an OSError."""

from __future__ import annotations

import io

import pytest

from iceworthy.client.bounded_reading import Bounded


def test_what_is_within_the_bounds_is_read_whole() -> None:
    reader = io.BufferedReader(Bounded(io.BytesIO(b"abcd"), bytes_max=4, seconds_max=60))
    assert reader.read() == b"abcd"


def test_more_bytes_than_are_allowed_are_an_error() -> None:
    reader = io.BufferedReader(Bounded(io.BytesIO(b"abcde"), bytes_max=4, seconds_max=60))
    with pytest.raises(OSError, match="more than 4 bytes"):
        reader.read()


def test_the_time_of_all_pieces_is_bounded() -> None:
    with pytest.raises(TimeoutError, match="within -1 s"):
        Bounded(io.BytesIO(b"a"), bytes_max=4, seconds_max=-1).read(1)
