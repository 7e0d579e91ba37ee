"""What is recorded is what is read, torn tails left out."""

from pathlib import Path

import pytest

from analysis.history import read_history
from iceworthy.record import history_format
from iceworthy.record.history import Recorder, chain_hash, extend_chain
from iceworthy.record.history_format import FIELDS, LINES_HEADER, OPS_HEADER, RECORD
from iceworthy.record.history_reader import WorkerHistory
from iceworthy.words.errors import RecordError, UnknownFormat
from iceworthy.words.outcome import Outcome


def put(
    recorder: Recorder, *, sent_ns: int, value: int, key: str = "ns/t", session: int = 1
) -> int:
    return recorder.record(
        sent_ns,
        sent_ns,
        sent_ns + 1,
        sent_ns + 5,
        value,
        -1,
        3,
        (1 << 64) - 1,
        (1 << 63) + 1,
        7,
        1,
        recorder.intern(key),
        recorder.intern("boom"),
        99,
        recorder.intern("updateTable"),
        409,
        0,
        1,
        Outcome.FAIL,
    )


def test_records_of_two_workers_are_merged_in_order_of_invocation(tmp_path: Path) -> None:
    first, second = Recorder(tmp_path, "load-0"), Recorder(tmp_path, "load-1")
    second.intern("another string, so that ids differ between the workers")
    put(first, sent_ns=30, value=(1 << 62) + 1)
    put(second, sent_ns=10, value=5, key="ns/u")
    put(first, sent_ns=20, value=6)
    first.close()
    second.close()
    history = read_history(tmp_path)
    assert [history.op_id(i) for i in range(3)] == ["load-1:0", "load-0:1", "load-0:0"]
    assert history.key(0) == "ns/u"
    assert history.ops["value"].tolist() == [5, 6, (1 << 62) + 1]
    assert history.ops["chain"][0] == (1 << 64) - 1
    assert history.of_operation("updateTable").all()
    assert not history.of_operation("loadTable").any()
    assert history.describe(0)["outcome"] == "fail"


def test_a_torn_last_record_is_left_out_and_counted(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "load-0")
    put(recorder, sent_ns=1, value=1)
    put(recorder, sent_ns=2, value=2)
    recorder.close()
    path = tmp_path / "load-0.ops"
    path.write_bytes(path.read_bytes()[:-10])
    history = read_history(tmp_path)
    assert len(history) == 1
    assert history.torn == RECORD.size - 10
    assert not history.damage


def test_what_was_seen_is_tied_to_its_operation(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "load-0")
    put(recorder, sent_ns=2, value=1)
    number = put(recorder, sent_ns=1, value=2)
    recorder.seen(number, properties={"a": "b"})
    recorder.close()
    (seen,) = read_history(tmp_path).seen()
    assert seen.index == 0
    assert seen.facts == {"properties": {"a": "b"}}


def test_more_records_than_the_buffer_holds_are_all_kept(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "load-0")
    for number in range(10_000):
        put(recorder, sent_ns=number, value=number)
    recorder.close()
    assert read_history(tmp_path).ops["value"].tolist() == list(range(10_000))


def test_a_chain_hash_grows_by_its_head_and_tells_orders_apart() -> None:
    assert chain_hash([]) == 0
    assert extend_chain(chain_hash([5, 6]), 7) == chain_hash([5, 6, 7])
    assert chain_hash([5, 6]) != chain_hash([6, 5])
    assert chain_hash([0]) != chain_hash([])


def test_an_empty_or_missing_folder_is_an_empty_history(tmp_path: Path) -> None:
    assert len(read_history(tmp_path / "none")) == 0


def test_records_whose_strings_were_torn_away_are_left_out(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "load-0")
    put(recorder, sent_ns=1, value=1)
    put(recorder, sent_ns=2, value=2, key="ns/later")
    recorder.close()
    strings = tmp_path / "load-0.strings.jsonl"
    strings.write_bytes(strings.read_bytes()[:-4])
    history = read_history(tmp_path)
    assert history.ops["value"].tolist() == [1]
    assert history.torn == RECORD.size
    assert "record 1 names a string that load-0.strings.jsonl does not hold" in history.damage


def written(tmp_path: Path) -> WorkerHistory:
    recorder = Recorder(tmp_path, "load-0")
    put(recorder, sent_ns=1, value=1)
    recorder.seen(put(recorder, sent_ns=2, value=2), properties={"a": "b"})
    recorder.close()
    return WorkerHistory(tmp_path / "load-0.ops")


def test_a_history_with_one_column_more_is_refused_not_read_as_empty(tmp_path: Path) -> None:
    wider = history_format.struct_of((*FIELDS, ("attempts", "q")))
    header = OPS_HEADER.replace(b"\n", b",attempts:q\n")
    (tmp_path / "load-0.ops").write_bytes(header + bytes(wider.size) * 1000)
    with pytest.raises(UnknownFormat, match="attempts:q"):
        read_history(tmp_path)
    with pytest.raises(UnknownFormat, match="attempts:q"):
        WorkerHistory(tmp_path / "load-0.ops")


@pytest.mark.parametrize("version", [b"1", b"3", b"x"])
def test_a_history_of_another_version_is_refused(tmp_path: Path, version: bytes) -> None:
    path = written(tmp_path).path
    path.write_bytes(path.read_bytes().replace(b" 2 ", b" %b " % version, 1))
    with pytest.raises(UnknownFormat, match="expected format 1 or 2"):
        read_history(tmp_path)


@pytest.mark.parametrize("name", ["load-0.strings.jsonl", "load-0.seen.jsonl"])
def test_lines_of_another_version_are_refused(tmp_path: Path, name: str) -> None:
    written(tmp_path)
    path = tmp_path / name
    path.write_text(path.read_text().replace('"version": 2', '"version": 3', 1))
    with pytest.raises(UnknownFormat, match="3"):
        list(read_history(tmp_path).seen())


def test_a_history_of_version_1_is_read_with_the_names_of_today(tmp_path: Path) -> None:
    one = written(tmp_path)
    before = tmp_path / "before"
    before.mkdir()
    ops = one.path.read_bytes().removeprefix(OPS_HEADER)
    (before / "load-0.ops").write_bytes(ops)
    for end in ("strings.jsonl", "seen.jsonl"):
        text = (tmp_path / f"load-0.{end}").read_text()
        assert text.startswith(LINES_HEADER + "\n")
        text = text.partition("\n")[2].replace("updateTable", "commit_table")
        (before / f"load-0.{end}").write_text(text)
    now, then = read_history(tmp_path), read_history(before)
    assert [then.describe(row) for row in (0, 1)] == [now.describe(row) for row in (0, 1)]
    assert [then.key(row) for row in (0, 1)] == ["ns/t"] * 2
    assert then.of_operation("updateTable").all()
    assert [seen.facts for seen in then.seen()] == [{"properties": {"a": "b"}}]
    assert "updateTable" in WorkerHistory(before / "load-0.ops").operations(["commit_table"])


def test_a_writer_that_was_killed_in_the_first_line_left_no_records(tmp_path: Path) -> None:
    path = written(tmp_path).path
    path.write_bytes(OPS_HEADER[:40])
    assert len(read_history(tmp_path)) == 0


def test_the_plain_reader_and_the_columns_hold_the_same(tmp_path: Path) -> None:
    rows = list(written(tmp_path).rows("value", "sent_ns"))
    ops = read_history(tmp_path).ops
    assert rows == [(1, 1), (2, 2)] == list(zip(ops["value"], ops["sent_ns"], strict=True))


def test_what_was_seen_is_an_object_in_each_line(tmp_path: Path) -> None:
    worker = written(tmp_path)
    with open(worker.path.with_suffix(".seen.jsonl"), "a") as file:
        file.write("[1, 2, 3]\n")
    with pytest.raises(RecordError, match="expected an object in each line"):
        list(worker.seen())
