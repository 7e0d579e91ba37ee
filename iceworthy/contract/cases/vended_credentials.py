"""Vended credentials: limited to one table and a lifetime, and never the catalog's own keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from iceworthy.client.s3_address import split_location
from iceworthy.contract import logins
from iceworthy.contract.case import case
from iceworthy.contract.desk import Desk
from iceworthy.contract.elsewhere import allowed_or_path, own_path
from iceworthy.contract.object_access import (
    FILE_BYTES_MAX,
    SIGNED,
    VENDED,
    Pair,
    client,
    given,
    own_view,
    pair,
    refused,
    vended,
    works,
)

PLACE = "schemas.LoadTableResult"

FR = "FR-018"
LIFE_S_MAX = 12 * 3600 + 300
ENDS = "s3.session-token-expires-at-ms"
ENDPOINT = "client.refresh-credentials-endpoint"
Attempt = Callable[[Any, str, str], Any]
TRIES: dict[str, Attempt] = {
    "read": lambda s3, location, file: s3.get(*split_location(file), most_bytes=FILE_BYTES_MAX),
    "write": lambda s3, location, file: s3.put(*_below(location, "planted"), b"planted"),
    "overwrite": lambda s3, location, file: s3.put(*split_location(file), b"{}"),
    "delete": lambda s3, location, file: s3.delete_one(*split_location(file)),
    "list": lambda s3, location, file: s3.keys_below(*_below(location, "")),
}


def _below(location: str, name: str) -> tuple[str, str]:
    bucket, key = split_location(location)
    return bucket, f"{key}/{name}"


def _loaded(desk: Desk, tables: Pair) -> dict[str, str]:
    reply = desk.load(tables.space, "mine", headers=VENDED)
    return vended(desk, reply, tables.mine)


def _by_itself(desk: Desk, tables: Pair) -> dict[str, str]:
    reply = desk.expect(desk.do("loadCredentials", tables.space, "mine"), 200)
    place = desk.load(tables.space, "mine", headers=VENDED).get("config") or {}
    return {**place, **vended(desk, reply, tables.mine)}


@case(
    "loadTable",
    requirement=FR,
    uses=("createTable",),
    says="the prefix of credentials says for which locations they are valid",
)
def credentials_name_a_prefix_that_covers_the_table(desk: Desk) -> None:
    tables = pair(desk)
    reply = desk.load(tables.space, "mine", headers=VENDED)
    vended(desk, reply, tables.mine)
    found = reply.get("storage-credentials")
    if not found:
        desk.skip("credentials are in config alone, as older servers give them")
    fits = any(tables.mine.startswith(str(one.get("prefix")).rstrip("/")) for one in found)
    desk.that(
        "prefix",
        fits,
        expected=f"a prefix that covers {tables.mine}",
        got=[one.get("prefix") for one in found],
    )


@case(
    "loadTable",
    requirement=FR,
    uses=("createTable",),
    says="vended credentials let a client read and write the table's files",
)
def a_client_works_below_its_tables_location(desk: Desk) -> None:
    tables = pair(desk)
    s3 = client(desk, _loaded(desk, tables))
    _works_below(desk, s3, tables.mine, tables.mine_file)


def _works_below(desk: Desk, s3: Any, location: str, file: str) -> None:
    bucket, key = _below(location, f"data/{desk.name('part')}.parquet")
    works(
        desk,
        "the metadata file read",
        lambda: s3.get(*split_location(file), most_bytes=FILE_BYTES_MAX),
    )
    works(desk, f"{key} written", lambda: s3.put(bucket, key, b"PAR1"))
    found = works(desk, f"{key} read", lambda: s3.get(bucket, key, most_bytes=FILE_BYTES_MAX))
    desk.same("what was written", b"PAR1", found)
    works(desk, f"{key} deleted", lambda: s3.delete_one(bucket, key))


@case(
    "loadTable",
    requirement=FR,
    uses=("createTable",),
    each=TRIES,
    says="vended credentials are valid only for their table",
)
def another_tables_files_are_out_of_reach(desk: Desk, attempt: Attempt) -> None:
    tables = pair(desk)
    s3 = client(desk, _loaded(desk, tables))
    refused(
        desk,
        f"with the keys for {tables.mine}, at {tables.other}",
        lambda: attempt(s3, tables.other, tables.other_file),
    )


@case(
    "loadTable",
    requirement=FR,
    uses=("createTable",),
    each=("beside", "above", "bucket"),
    says="vended credentials are valid only for their table",
)
def what_only_looks_like_the_tables_location_is_out_of_reach(desk: Desk, where: str) -> None:
    tables = pair(desk)
    s3 = client(desk, _loaded(desk, tables))
    bucket, key = split_location(tables.mine)
    keys = {"beside": f"{key}0/x", "above": f"{key.rpartition('/')[0]}/x", "bucket": "x"}
    refused(desk, f"writing {keys[where]}", lambda: s3.put(bucket, keys[where], b"x"))
    lists = {"beside": f"{key}0/", "above": f"{key.rpartition('/')[0]}/", "bucket": ""}
    refused(desk, f"listing {lists[where]!r}", lambda: s3.keys_below(bucket, lists[where]))


@case(
    "loadTable",
    requirement=FR,
    uses=("createTable",),
    says="vended credentials expire",
)
def credentials_expire(desk: Desk) -> None:
    config = _loaded(desk, pair(desk))
    desk.that(
        "s3.session-token",
        bool(config.get("s3.session-token")),
        expected="a token: keys without one are permanent",
        got="none",
    )
    ends_at_ms = config.get(ENDS)
    if ends_at_ms is None:
        desk.skip(f"{ENDS} is not sent")
    left_s = int(ends_at_ms) / 1000 - time.time() if str(ends_at_ms).isdigit() else -1.0
    desk.that(
        ENDS,
        0 < left_s <= LIFE_S_MAX,
        expected=f"a time within the next {LIFE_S_MAX} s",
        got=ends_at_ms,
    )


@case(
    "loadTable",
    requirement=FR,
    needs=("s3_bucket",),
    uses=("createTable",),
    each=("none", "vended", "signed", "created", "configuration"),
    says="the catalog's own keys are never given to clients",
)
def no_answer_holds_the_catalogs_own_keys(desk: Desk, how: str) -> None:
    tables = pair(desk)
    if not _delegates(desk, tables):
        desk.skip("the target neither vends credentials nor signs")
    headers = {"vended": VENDED, "signed": SIGNED, "created": VENDED}.get(how)
    if how == "configuration":
        reply = desk.expect(desk.do("getConfig"), 200)
    elif how == "created":
        body = desk.table_body(desk.name("t"), tables.space)
        reply = desk.expect(desk.do("createTable", tables.space, body=body, headers=headers), 200)
    else:
        reply = desk.load(tables.space, "mine", headers=headers)
    own = own_view(desk).keys
    text = reply.raw.decode("utf-8", "replace")
    for what, word in (("secret key", own.secret), ("access key", own.access)):
        desk.that(
            f"the catalog's own {what}",
            word not in text,
            expected="not handed out",
            got="in the answer",
            reply=reply,
        )


def _delegates(desk: Desk, tables: Pair) -> bool:
    vends = given(desk.load(tables.space, "mine", headers=VENDED), tables.mine)
    signs = given(desk.load(tables.space, "mine", headers=SIGNED), tables.mine)
    return bool(vends.get("s3.access-key-id")) or "s3.remote-signing-enabled" in signs


@case(
    "createTable",
    requirement=FR,
    uses=("loadTable",),
    each={"created": {}, "staged": {"stage-create": True}},
    says="the answer to createTable may contain credentials, like that of loadTable",
)
def credentials_of_a_new_table_are_good_for_it_alone(desk: Desk, more: dict[str, Any]) -> None:
    tables = pair(desk)
    body = desk.table_body(desk.name("t"), tables.space) | more
    reply = desk.expect(desk.do("createTable", tables.space, body=body, headers=VENDED), 200)
    location = str(reply.metadata.get("location")).rstrip("/")
    s3 = client(desk, vended(desk, reply, location))
    bucket, key = _below(location, "data/x")
    works(desk, f"{key} written", lambda: s3.put(bucket, key, b"x"))
    refused(
        desk,
        f"reading {tables.other_file}",
        lambda: TRIES["read"](s3, tables.other, tables.other_file),
    )


@case(
    "createTable",
    requirement=FR,
    uses=("loadTable",),
    each=("around", "same", "pattern"),
    says="vended credentials are valid only for their table",
)
def a_location_chosen_over_anothers_does_not_open_it(desk: Desk, how: str) -> None:
    tables = pair(desk)
    _loaded(desk, tables)
    location = {
        "around": tables.other.rpartition("/")[0],
        "same": tables.other,
        "pattern": tables.other.rpartition("/")[0] + "/*",
    }[how]
    body = desk.table_body(desk.name("t"), tables.space) | {"location": location}
    reply = desk.do("createTable", tables.space, body=body, headers=VENDED)
    if 400 <= reply.status < 500:
        return
    desk.expect(reply, 200)
    config = given(reply, str(reply.metadata.get("location")).rstrip("/"))
    if not config.get("s3.access-key-id"):
        return
    s3 = client(desk, config)
    refused(
        desk,
        f"with the keys for {location}, reading {tables.other_file}",
        lambda: TRIES["read"](s3, tables.other, tables.other_file),
    )


@case(
    "loadTable",
    requirement=FR,
    needs=("tokens", "reader"),
    uses=("createTable",),
    each=("write", "overwrite", "delete"),
    says="credentials do not allow a login more than the login itself",
)
def a_readers_credentials_change_nothing(desk: Desk, how: str) -> None:
    space, name = pair(desk).space, desk.name("t")
    desk.table(space, name)
    reply = desk.load(space, name, headers=VENDED, login=logins.reader(desk))
    location = str(reply.metadata.get("location")).rstrip("/")
    file = str(reply.get("metadata-location"))
    s3 = client(desk, vended(desk, reply, location))
    works(desk, "a reader reading", lambda: TRIES["read"](s3, location, file))
    refused(desk, f"a reader's {how} at {location}", lambda: TRIES[how](s3, location, file))


@case(
    "loadCredentials",
    requirement=FR,
    uses=("createTable", "loadTable"),
    says="loadCredentials gives the same kind of credentials as loadTable",
    place="schemas.LoadCredentialsResponse",
)
def credentials_by_themselves_are_good_for_the_table(desk: Desk) -> None:
    tables = pair(desk)
    _works_below(desk, client(desk, _by_itself(desk, tables)), tables.mine, tables.mine_file)


@case(
    "loadCredentials",
    requirement=FR,
    uses=("createTable", "loadTable"),
    each=TRIES,
    says="vended credentials are valid only for their table",
    place="schemas.LoadCredentialsResponse",
)
def credentials_by_themselves_are_not_good_for_another(desk: Desk, attempt: Attempt) -> None:
    tables = pair(desk)
    s3 = client(desk, _by_itself(desk, tables))
    refused(
        desk,
        f"with the keys for {tables.mine}, at {tables.other}",
        lambda: attempt(s3, tables.other, tables.other_file),
    )


@case(
    "loadCredentials",
    uses=("createTable", "renameTable"),
    says="credentials are for the table that has the name now",
    place="loadCredentials.responses.404",
)
def credentials_follow_a_renamed_table(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space, "before")
    body = {
        "source": {"namespace": list(space), "name": "before"},
        "destination": {"namespace": list(space), "name": "after"},
    }
    desk.need(desk.do("renameTable", body=body))
    desk.expect(desk.do("loadCredentials", space, "before"), 404)
    desk.expect(desk.do("loadCredentials", space, "after"), 200)


@case("loadCredentials", says="404 for a table that does not exist")
def a_table_that_is_not_there_has_no_credentials(desk: Desk) -> None:
    space = desk.fresh()
    desk.expect(desk.do("loadCredentials", space, "none"), 404, error="NoSuchTableException")


@case(
    "loadCredentials",
    uses=("createTable", "dropTable"),
    says="404 for a table that was dropped",
)
def a_dropped_table_has_no_credentials(desk: Desk) -> None:
    space = desk.fresh()
    desk.table(space)
    desk.need(desk.do("dropTable", space, "t"))
    desk.expect(desk.do("loadCredentials", space, "t"), 404)


def _ends_s(desk: Desk, config: dict[str, str]) -> float:
    """When credentials end; skips where they do not say so."""
    ends_at_ms = str(config.get(ENDS, ""))
    if not ends_at_ms:
        desk.skip(f"{ENDS} is not sent")
    if not ends_at_ms.isdigit():
        desk.skip(f"{ENDS} is no time", left_to="vended_credentials.credentials_expire")
    return int(ends_at_ms) / 1000


@case(
    "loadCredentials",
    requirement=FR,
    uses=("createTable", "loadTable"),
    says="a client whose work outlasts its credentials loads others for the table",
    place="loadCredentials.description",
)
def later_credentials_are_good_and_live_on(desk: Desk) -> None:
    """A catalog may keep credentials for a while: those that end a little sooner are a remark."""
    tables = pair(desk)
    before = _loaded(desk, tables)
    ends_s = _ends_s(desk, before)
    reply = desk.expect(desk.do("loadCredentials", tables.space, "mine"), 200)
    place = {name: one for name, one in before.items() if "key" not in name and "token" not in name}
    later = {**place, **vended(desk, reply, tables.mine)}
    s3, (bucket, key) = client(desk, later), _below(tables.mine, "data/later.parquet")
    works(desk, f"{key} written", lambda: s3.put(bucket, key, b"PAR1"))
    now = time.time()
    left_s, later_s = ends_s - now, _ends_s(desk, later) - now
    expected = f"{ENDS} in {left_s:.0f} s or later, as loadTable gave before"
    if later_s < left_s / 2:
        desk.broken(expected, f"in {later_s:.0f} s", reply)
    if later_s < left_s:
        desk.remark(expected, f"in {later_s:.0f} s", reply)


@case(
    "loadTable",
    requirement=FR,
    uses=("createTable",),
    says=f"a client learns from {ENDPOINT} where it gets later credentials, and finds them there",
    reading=f"{ENDPOINT} is the clients' convention, and a client may load the table again",
)
def a_client_learns_where_to_get_later_credentials(desk: Desk) -> None:
    tables = pair(desk)
    reply = desk.load(tables.space, "mine", headers=VENDED)
    _ends_s(desk, vended(desk, reply, tables.mine))
    where, is_offered = reply.get("config", ENDPOINT), desk.offers("loadCredentials")
    desk.that(
        f"config, {ENDPOINT}",
        isinstance(where, str) and bool(where),
        expected="a path, since the credentials end",
        got=f"{where!r}; loadCredentials is advertised: {str(is_offered).lower()}",
        reply=reply,
    )
    allowed_or_path(desk, ENDPOINT, str(where), reply)
    if path := own_path(desk, str(where)):
        desk.expect(desk.send("GET", path), 200)
