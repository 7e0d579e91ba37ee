"""A target file says only what docs/targets.md knows; every mistake is named, with what was due."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iceworthy import discovery
from iceworthy.words.errors import PlanError
from iceworthy.words.target_file import load_target, remote_hosts, spec_from_dict, spec_to_dict
from iceworthy.words.target_text import key_shown

OWN = 'summary = "mine"\n[node]\ncommand = ["catalog"]\n'
RUNNING = 'summary = "mine"\n[node]\nurls = ["http://127.0.0.1:8181"]\n'


def load(folder: Path, text: str, name: str = "mine.toml") -> object:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return load_target(str(file))


@pytest.mark.parametrize("name", sorted(discovery.names("target")))
def test_a_shipped_target_survives_its_way_through_json(name: str) -> None:
    spec = load_target(name)
    assert spec.name == name
    assert spec_from_dict(json.loads(json.dumps(spec_to_dict(spec)))) == spec


def test_a_file_anywhere_is_named_by_its_stem(tmp_path: Path) -> None:
    spec = load(tmp_path, OWN, "acme.toml")
    assert spec.name == "acme"  # type: ignore[attr-defined]


def test_a_file_without_the_suffix_is_taken_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acme").write_text(OWN)
    assert load_target("acme").name == "acme"


def test_nodes_that_run_already_are_counted_and_hide_their_database(tmp_path: Path) -> None:
    spec = load(tmp_path, RUNNING)
    assert spec.node.count == 1  # type: ignore[attr-defined]
    assert spec.database.kind == "hidden"  # type: ignore[attr-defined]


def test_a_whole_number_is_a_number_of_seconds(tmp_path: Path) -> None:
    spec = load(tmp_path, OWN + "ready_s = 60\n")
    assert spec.node.ready_s == 60.0  # type: ignore[attr-defined]


WRONG = {
    "certificates for nodes that run already": (
        RUNNING + '[tls]\nkind = "own"\n',
        "for nodes that the suite starts",
    ),
    "a certificate without TLS": (
        OWN + 'environment = { CERT = "{tls_cert}" }\n',
        r"wants \[tls\] kind = \"own\"",
    ),
    "a credential without its variable": (
        OWN + 'environment = { KEY = "{api_key}" }\n',
        r"wants \[auth\] api_key_variable",
    ),
    "an API key without its variable": (
        OWN + '[auth]\nkind = "api_key"\n',
        "wants api_key_variable",
    ),
    "a header's name that is none": (
        OWN + '[auth]\nkind = "api_key"\napi_key_variable = "K"\napi_key_header = "a b"\n',
        "expected a header's name",
    ),
    "a kind of storage that is none": (OWN + '[storage]\nkind = "s33"\n', "did you mean 's3'"),
    "storage under nodes that run already": (
        RUNNING + '[storage]\nkind = "s3"\n',
        r"\[storage\] kind must be left out",
    ),
    "an S3 placeholder without a store": (
        OWN + 'environment = { E = "{s3_endpoint}" }\n',
        r"wants \[storage\] kind",
    ),
    "an unknown section": (
        OWN + "[endpoint]\n",
        r"'endpoint' at top level; did you mean 'endpoints'",
    ),
    "an unknown key": (OWN + "comand = []\n", r"'comand' at \[node\]; did you mean 'command'"),
    "a name in the file": ('name = "x"\n' + OWN, r"'name' is not allowed"),
    "no summary": ('[node]\ncommand = ["x"]\n', r"expected a key 'summary'"),
    "an empty summary": (OWN.replace("mine", " "), r"'summary'.*missing or empty"),
    "no way to start": ('summary = "x"\n', r"wants command .* or urls"),
    "both ways to start": (OWN + 'urls = ["http://127.0.0.1:1"]\n', r"both command and urls"),
    "text for an array": (
        OWN.replace('["catalog"]', '"catalog"'),
        r"command: expected an array of strings; got a string",
    ),
    "a number in an array": (
        OWN.replace('["catalog"]', '["a", 1]'),
        r"command\[1\]: expected a string; got an integer: 1",
    ),
    "a boolean for a number": (
        OWN + "count = true\n",
        r"count: expected an integer; got a boolean",
    ),
    "a fraction for a count": (OWN + "count = 2.5\n", r"count: expected an integer; got a number"),
    "text for seconds": (OWN + 'ready_s = "30"\n', r"ready_s: expected a number; got a string"),
    "an unknown order": (
        OWN + 'start = "one after one"\n',
        r"\[node\] start: expected one of 'together', 'one by one'; got 'one after one'",
    ),
    "an order of nodes that run": (RUNNING + 'start = "together"\n', r"start must be left out"),
    "no nodes": (OWN + "count = 0\n", r"count: expected 1 to 16; got 0"),
    "no time": (OWN + "stop_s = 0\n", r"stop_s: expected more than 0"),
    "endless time": (OWN + "stop_s = inf\n", r"stop_s: expected more than 0"),
    "time that is no number": (OWN + "stop_s = nan\n", r"stop_s: expected more than 0"),
    "a number in the environment": (
        OWN + "environment = { PORT = 1 }\n",
        r"environment.PORT: expected a string; got an integer",
    ),
    "a section that is a value": (
        'summary = "x"\nnode = 3\n',
        r"\[node\]: expected a table; got an integer",
    ),
    "a url with a path": (RUNNING.replace("8181", "8181/v1"), r"without a path"),
    "a url without a scheme": (RUNNING.replace("http://", ""), r"expected http://HOST:PORT"),
    "a count that contradicts": (RUNNING + "count = 2\n", r"count is 2, but urls names 1"),
    "our database under theirs": (RUNNING + '[database]\nkind = "postgres"\n', r"must be 'hidden'"),
    "an unknown database": (
        OWN + '[database]\nkind = "postgre"\n',
        r"one of 'postgres', 'hidden'; got 'postgre'; did you mean 'postgres'",
    ),
    "an unknown login": (OWN + '[auth]\nkind = "tokens"\n', r"did you mean 'token'"),
    "a token without its variable": (
        OWN + '[auth]\nkind = "token"\n',
        r"wants token_variable.*got nothing",
    ),
    "half of the credentials": (
        OWN + '[auth]\nkind = "client_credentials"\nclient_id_variable = "ID"\n',
        r"wants client_secret_variable",
    ),
    "an unknown placeholder": (
        OWN.replace("catalog", "{dbhost}"),
        r"unknown placeholder \{dbhost\}.*did you mean 'db_host'",
    ),
    "an unknown placeholder in an endpoint": (
        OWN + '[endpoints]\nhealth = "http://{hos}/"\n',
        r"unknown placeholder",
    ),
    "a relative endpoint": (
        OWN + '[endpoints]\nhealth = "health"\n',
        r"expected a path such as /health",
    ),
    "a base that ends in a slash": (
        OWN + '[catalog]\nbase = "/api/"\n',
        r"without a '/' at its end",
    ),
    "a prefix that starts with a slash": (
        OWN + '[catalog]\nprefix = "/a"\n',
        r"without '/' at its ends",
    ),
    "an empty level": (OWN + '[catalog]\nroot_namespace = ["a", ""]\n', r"a level is empty"),
    "no TOML": (OWN + "x = = 1\n", r"not valid TOML: .*line 4"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_named(what: str, tmp_path: Path) -> None:
    text, said = WRONG[what]
    with pytest.raises(PlanError, match=said) as raised:
        load(tmp_path, text)
    assert str(tmp_path / "mine.toml") in str(raised.value)


def test_a_secret_given_in_place_of_its_variable_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as raised:
        load(tmp_path, OWN + '[auth]\nkind = "token"\ntoken_variable = "s3cr3t-value"\n')
    assert "s3cr3t" not in str(raised.value)


def test_braces_that_are_no_placeholder_stay(tmp_path: Path) -> None:
    spec = load(tmp_path, OWN + """environment = { J = '{"a": {}}', E = "{env:HOME}" }\n""")
    assert spec.node.environment["J"] == '{"a": {}}'  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("bingsen", "did you mean 'bingsan'"),
        ("", "no target given"),
        ("no/such.toml", "no target file no/such.toml"),
        ("nosuch.toml", "no target file nosuch.toml"),
    ],
)
def test_a_target_that_is_not_there_is_named(given: str, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        load_target(given)


def test_a_folder_and_what_is_no_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        load_target(str(tmp_path) + "/")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PlanError, match="not UTF-8"):
        load_target(str(tmp_path / "x.toml"))


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbf" + OWN.encode())
    assert load_target(str(tmp_path / "x.toml")).name == "x"


@pytest.mark.parametrize("key", [".".join("a" * 20_000), " . ".join(['"a b"'] * 2_000)])
@pytest.mark.parametrize("form", ["{} = 1", "[{}]", "summary = {{ {} = 1 }}"])
def test_a_key_of_thousands_of_parts_is_told_and_not_parsed(
    key: str, form: str, tmp_path: Path
) -> None:
    (tmp_path / "x.toml").write_text("\n" + form.format(key))
    with pytest.raises(PlanError, match="line 2: a key of more than 64 parts"):
        load_target(str(tmp_path / "x.toml"))


def test_a_file_name_that_cannot_name_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="letters, digits"):
        load(tmp_path, OWN, "my catalog.toml")


def test_a_saved_target_with_an_unknown_key_is_refused() -> None:
    saved = spec_to_dict(load_target("reference"))
    saved["node"]["commands"] = []
    with pytest.raises(PlanError, match="did you mean 'command'"):
        spec_from_dict(saved)


def test_only_loopback_is_not_remote(tmp_path: Path) -> None:
    near = 'urls = ["http://127.0.0.1:1", "http://[::1]:2", "http://localhost:3", "http://127.9.9.9:4"]'
    far = 'urls = ["http://10.0.0.1:1", "http://localhost.example.com:2", "https://127.0.0.1.example.com:3"]'
    head = 'summary = "x"\n[node]\n'
    assert remote_hosts(load(tmp_path, head + near)) == ()  # type: ignore[arg-type]
    assert remote_hosts(load(tmp_path, head + far)) == (  # type: ignore[arg-type]
        "10.0.0.1",
        "localhost.example.com",
        "127.0.0.1.example.com",
    )


def test_an_endpoint_or_token_elsewhere_is_remote(tmp_path: Path) -> None:
    text = (
        OWN
        + '[endpoints]\nhealth = "http://{host}:{admin_port}/h"\nmetrics = "http://m.example:1/"\n'
    )
    text += '[auth]\nkind = "client_credentials"\ntoken_path = "https://login.example/t"\n'
    text += 'client_id_variable = "A"\nclient_secret_variable = "B"\n'
    assert remote_hosts(load(tmp_path, text)) == ("m.example", "login.example")  # type: ignore[arg-type]


def test_a_target_knows_the_lines_of_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('summary = "x"\n\n[node]\nurls = ["http://127.0.0.1:1"]\n"ready_s" = 3\n')
    spec = load_target(str(path))
    assert spec.lines == {"summary": 1, "node.urls": 4, "node.ready_s": 5}
    assert key_shown(spec, "node", "ready_s") == "[node] ready_s = 3.0 (line 5 of mine.toml)"
    assert "mine.toml does not set it" in key_shown(spec, "catalog", "base")
