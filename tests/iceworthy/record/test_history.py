"""What is recorded is what is read, torn tails left out."""

from pathlib import Path

from analysis.history import read_history
from iceworthy.record.history import RECORD, Recorder, chain_hash, extend_chain
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
